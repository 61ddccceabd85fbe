/** What begins as its ending says: files as ffmpeg writes them, and bytes written by hand. */
import {execFileSync} from 'node:child_process';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {filmEndings, subtitleEndings} from '../../../supervisor/inbox/names.ts';
import {headOf} from '../../../supervisor/uploads/files.ts';
import {isAsNamed} from '../../../supervisor/uploads/magic.ts';

t.test('real files of each kind, each by its own ending and by no other kind’s', async t => {
  const folder = t.testdir();
  const kinds = [
    ['mp4', ['-f', 'mp4'], 'mp4 m4v mov qt 3gp 3g2 f4v'],
    ['mov', ['-f', 'mov'], 'mp4 m4v mov qt 3gp 3g2 f4v'],
    ['mkv', ['-f', 'matroska'], 'mkv webm'],
    ['avi', ['-f', 'avi'], 'avi divx'],
    ['mpg', ['-f', 'mpeg'], 'mpg mpeg mpe vob'],
    ['vob', ['-f', 'vob'], 'mpg mpeg mpe vob'],
    ['ts', ['-f', 'mpegts'], 'mpg mpeg mpe ts m2ts mts m2t'],
    ['m2ts', ['-f', 'mpegts', '-mpegts_m2ts_mode', '1'], 'mpg mpeg mpe ts m2ts mts m2t'],
    ['flv', ['-c:v', 'flv1', '-f', 'flv'], 'flv f4v'],
    ['wmv', ['-c:v', 'wmv2', '-f', 'asf'], 'wmv asf'],
    ['ogv', ['-c:v', 'libtheora', '-f', 'ogg'], 'ogv ogm'],
    ['mxf', ['-c:v', 'mpeg2video', '-r', '25', '-f', 'mxf'], 'mxf'],
  ] as const;
  for (const [ending, argv, wanted] of kinds) {
    const path = join(folder, `film.${ending}`);
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=352x288:r=25:d=0.4'];
    const codec = argv.includes('-c:v' as never) ? [] : ['-c:v', 'mpeg2video'];
    const mpeg4 = /^(?:mp4|mov|avi|mkv)$/.test(ending) ? ['-c:v', 'mpeg4'] : codec;
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...source, ...mpeg4, ...argv, path]);
    await using file = await open(path);
    const head = await headOf(file);
    const found = [...filmEndings].filter(one => isAsNamed(`film.${one}`, head));
    t.strictSame(found.toSorted(), wanted.split(' ').toSorted(), ending);
  }
});

t.test('what is none of them', async t => {
  const others = [
    Buffer.from('MZ\x90\0\x03'),
    Buffer.from('\x7fELF\x02\x01'),
    Buffer.from('#!/bin/sh\n'),
    Buffer.from('<?php system($_GET[0]);'),
    Buffer.from('#EXTM3U\nfile:///etc/passwd'),
    Buffer.from('PK\x03\x04'),
    Buffer.from('RIFF\0\0\0\0WAVE'),
    Buffer.from('G'.padEnd(400, 'x')),
    Buffer.alloc(0),
    Buffer.alloc(2000),
  ];
  for (const head of others)
    for (const ending of filmEndings)
      t.notOk(isAsNamed(`f.${ending}`, head), `${ending} ${head.toString('latin1', 0, 9)}`);
});

t.test('subtitles are text', async t => {
  for (const ending of subtitleEndings) {
    t.ok(isAsNamed(`f.${ending}`, Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nhé')));
    t.ok(isAsNamed(`f.${ending}`, Buffer.from('\ufeffhello', 'utf16le')));
    t.notOk(isAsNamed(`f.${ending}`, Buffer.from('MZ\0\0\0')));
    t.notOk(isAsNamed(`f.${ending}`, Buffer.alloc(0)));
  }
});

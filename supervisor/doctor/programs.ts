/** Owns whether the programs that dubs are made with are here, and whether ffmpeg can do what is asked of it. */
import {execFile} from 'node:child_process';
import {access, constants} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Finding} from '../../appliance/doctor.ts';
import {missingFrom, neededEncoders, neededFilters, toneFilters} from '../../appliance/ffmpeg-parts.ts';
import {type Check, fault, fine, type Ground, orFine, warning} from './check.ts';

interface Program {
  readonly name: string;
  /** Of Debian. */
  readonly package: string;
  readonly without: string;
  readonly is: 'fault' | 'warning';
}

const everyJob = 'Every job fails.';

const needed: readonly Program[] = [
  {name: 'ffmpeg', package: 'ffmpeg', without: `No film can be read or written. ${everyJob}`, is: 'fault'},
  {name: 'ffprobe', package: 'ffmpeg', without: `No film can be looked into. ${everyJob}`, is: 'fault'},
  {name: 'espeak-ng', package: 'espeak-ng', without: `No line can be spoken. ${everyJob}`, is: 'fault'},
  {
    ...{name: 'apertium', package: 'apertium apertium-eng-spa', is: 'fault'},
    without: 'Nothing is translated: only a film with subtitles in the wanted language can be dubbed.',
  },
  {
    ...{name: 'pocketsphinx_batch', package: 'pocketsphinx pocketsphinx-en-us', is: 'fault'},
    without: 'No speech is recognised: only a film with subtitles can be dubbed.',
  },
  ...['setpriv', 'prlimit'].map(
    (name): Program => ({
      ...{name, package: 'util-linux', is: 'fault'},
      without: `Tools are started through it. ${everyJob}`,
    }),
  ),
  {name: 'nice', package: 'coreutils', without: `Tools are started through it. ${everyJob}`, is: 'fault'},
  {name: 'time', package: 'time', without: `Tools are started through it. ${everyJob}`, is: 'fault'},
  {name: 'bwrap', package: 'bubblewrap', without: 'Jobs run without a jail.', is: 'warning'},
];

export const programs: Check = {
  id: 'programs',
  title: 'Programs',
  looksAt: 'the programs that every dub is made with, where jobs find theirs',
  async examine({searchPath}) {
    const found = await Promise.all(
      needed.map(async program => ({program, isHere: await isIn(searchPath, program.name)})),
    );
    const gone = found.filter(({isHere}) => !isHere).map(({program}) => missing(program, searchPath));
    return orFine(gone, `All ${needed.length} are here: ${needed.map(({name}) => name).join(', ')}.`);
  },
};

function missing({name, package: debian, without, is}: Program, searchPath: string): Finding {
  const finding = `${name} is not in ${searchPath}.`;
  return {is, finding, meaning: without, fix: `Run: apt install ${debian}`};
}

export async function isIn(searchPath: string, program: string): Promise<boolean> {
  for (const folder of searchPath.split(':')) {
    const isHere = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isHere) return true;
  }
  return false;
}

export const ffmpeg: Check = {
  id: 'ffmpeg',
  title: 'What ffmpeg can do',
  looksAt: 'the filters, encoders and formats that ffmpeg was built with',
  async examine({searchPath}) {
    const [filters, encoders, hls] = await Promise.all([
      said(['-hide_banner', '-filters'], searchPath),
      said(['-hide_banner', '-encoders'], searchPath),
      said(['-hide_banner', '-h', 'muxer=hls'], searchPath),
    ]);
    if (filters === undefined || encoders === undefined || hls === undefined)
      return [
        fault({
          finding: `ffmpeg does not start, or does not say what it can do (looked for in ${searchPath}).`,
          meaning: everyJob,
          fix: 'Run: apt install --reinstall ffmpeg',
        }),
      ];
    return judgeFfmpeg({filters, encoders, hls});
  },
};

const another =
  'Install the ffmpeg of Debian: apt install --reinstall ffmpeg, and look for another one in /usr/local/bin.';

/** Of what `ffmpeg -filters`, `-encoders` and `-h muxer=hls` print. Pure. */
export function judgeFfmpeg(listed: {
  readonly filters: string;
  readonly encoders: string;
  readonly hls: string;
}): readonly Finding[] {
  const lacking = [
    ...missingFrom(listed.filters, neededFilters),
    ...missingFrom(listed.encoders, neededEncoders),
  ];
  const pale = missingFrom(listed.filters, toneFilters);
  const findings: Finding[] = [];
  if (lacking.length > 0)
    findings.push(
      fault({
        finding: `This ffmpeg was built without ${lacking.join(', ')}.`,
        meaning: everyJob,
        fix: another,
      }),
    );
  if (!/\bfmp4\b/.test(listed.hls))
    findings.push(
      fault({
        finding: 'This ffmpeg writes no HLS in fragmented MP4 (hls_segment_type fmp4).',
        meaning: 'Films cannot be watched while they are dubbed, and jobs that ask for HLS fail.',
        fix: another,
      }),
    );
  if (pale.length > 0)
    findings.push(
      warning({
        finding: `This ffmpeg was built without ${pale.join(', ')}.`,
        meaning:
          'The picture for the phone of a film in high dynamic range fails or looks pale; others are as ever.',
        fix: another,
      }),
    );
  return findings.length > 0 ? findings : [fine('It has every filter, encoder and format that a dub needs.')];
}

const limitMs = 10_000;
const limitBytes = 4 << 20;

/** Undefined when it is not there, fails or takes too long. */
async function said(argv: readonly string[], searchPath: Ground['searchPath']): Promise<string | undefined> {
  const options = {timeout: limitMs, maxBuffer: limitBytes, env: {PATH: searchPath, LC_ALL: 'C.UTF-8'}};
  return promisify(execFile)('ffmpeg', [...argv], options).then(
    ({stdout}) => stdout,
    () => undefined,
  );
}

/** Owns which names an upload may have, and how they are shown. Never makes a path of one. */
import {FileName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {NameFault} from '../../web/upload-desk.ts';
import {filmEndings, subtitleEndings} from '../inbox/names.ts';
import type {UploadRow} from './row.ts';

/** What some system would start, or some server run, if the name got there. */
const programs: ReadonlySet<string> = new Set([
  ...[
    'exe',
    'com',
    'scr',
    'pif',
    'cpl',
    'msi',
    'msix',
    'msp',
    'bat',
    'cmd',
    'ps1',
    'psm1',
    'vb',
    'vbs',
    'vbe',
  ],
  ...['js', 'jse', 'mjs', 'cjs', 'ws', 'wsf', 'wsh', 'hta', 'lnk', 'url', 'reg', 'inf', 'dll', 'sys', 'jar'],
  ...[
    'sh',
    'bash',
    'zsh',
    'csh',
    'ksh',
    'run',
    'bin',
    'elf',
    'so',
    'deb',
    'rpm',
    'appimage',
    'desktop',
    'app',
  ],
  ...[
    'apk',
    'ipa',
    'dmg',
    'pkg',
    'command',
    'workflow',
    'php',
    'php3',
    'php4',
    'php5',
    'php7',
    'phtml',
    'phar',
  ],
  ...[
    'asp',
    'aspx',
    'ashx',
    'asmx',
    'cer',
    'jsp',
    'jspx',
    'cgi',
    'fcgi',
    'pl',
    'pm',
    'py',
    'pyc',
    'pyw',
    'rb',
  ],
  ...['htm', 'html', 'xhtml', 'shtml', 'svg', 'htaccess', 'chm', 'gadget', 'docm', 'xlsm', 'pptm', 'swf'],
]);

/** Control characters, what turns the direction of text, and what nobody sees. */
const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/gu;

export interface Named extends Pick<UploadRow, 'name' | 'kind'> {
  /** Without the dot, in small letters. */
  readonly ending: string;
}

export function readUploadName(given: string): Result<Named, NameFault> {
  if (/[/\\\0]/.test(given)) return no('path');
  const name = given.normalize('NFC').replaceAll(unseen, '').replaceAll(/\s+/gu, ' ').trim();
  if (name.startsWith('.')) return no('hidden');
  const [stem = '', ...endings] = name.split('.').map(part => part.trim().toLowerCase());
  const ending = endings.at(-1) ?? '';
  if (endings.some(one => programs.has(one))) return no('program');
  if (!filmEndings.has(ending) && !subtitleEndings.has(ending)) return no(name === '' ? 'odd' : 'ending');
  if (stem === '') return no('no-stem');
  const file = FileName.safeParse(name);
  if (!file.success || !name.isWellFormed()) return no('odd');
  return ok({name: file.data, ending, kind: filmEndings.has(ending) ? 'film' : 'subtitles'});
}

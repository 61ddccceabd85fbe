/**
 * Owns the man page, as roff made of what each verb says of itself: of the macros of man(7) alone, and of ASCII, so that
 * every formatter reads it. Pure.
 */
import {exitMeanings} from './exit-codes.ts';
import type {Option, Verb} from './verb.ts';

/** When its form last changed: a man page has to have a date, and one that moved by itself would be a change a day. */
const date = '2026-11-22';

const lineLimit = 78;

/** Where things are, from DATA_DIR and from the folder of the program. */
const files: readonly (readonly [path: string, about: string])[] = [
  [
    'dubstead.env, .env.secrets',
    'settings beside the program; dubstead config shows all and where each was written',
  ],
  ['$DATA_DIR/run/control.sock', 'the socket by which this command reaches the daemon'],
  ['$DATA_DIR/log', 'the log of the daemon'],
  ['$DATA_DIR/audit', 'what was done: a file a day'],
  ['$INBOX_DIR', 'films that are dropped here are dubbed'],
  ['$OUTPUT_DIR', 'finished dubs, a folder for each person'],
];

const about = [
  'Dubstead takes a video and gives it back in another language: it hears what is said, translates and speaks it, and mixes that into the film. All of it happens on this machine.',
  'The daemon (dubstead up) watches an inbox, keeps a queue and serves pages for browsers and phones; most verbs speak to it over its socket, and whoever may open that is an admin of the box. dub, edit, engines, config and doctor do their work without it.',
  'An ID may be given by its first characters, 4 or more, as long as nothing else begins with them. With --json a verb answers with one JSON object, or with one a line where something is followed; what goes wrong is {"error": {"code", "what", "fix"}} then.',
];

export function manPage(verbs: readonly Verb[]): string {
  const lines = [
    '.\\" Made of the table of verbs: dubstead man',
    `.TH DUBSTEAD 1 ${date} Dubstead "Dubstead manual"`,
    ...['.SH NAME', 'dubstead \\- dub videos into other languages, on this machine'],
    ...['.SH SYNOPSIS', '.B dubstead', '.I VERB', `[${roff('words and options…')}]`, '.br'],
    ...['.B dubstead help', '.I VERB', '.br', '.B dubstead \\-\\-version'],
    '.SH DESCRIPTION',
    ...about.flatMap((text, place) => [...(place === 0 ? [] : ['.PP']), ...prose(text)]),
    ...['.SH COMMANDS', ...verbs.flatMap(verbLines)],
    '.SH EXIT STATUS',
    ...exitMeanings.flatMap(({code, about: what}) => tagged(`.B ${code}`, `${what}.`)),
    '.PP',
    ...prose('With more than one film or job the highest is the answer.'),
    ...['.SH FILES', ...files.flatMap(([path, what]) => tagged(`.I ${roff(path)}`, `${what}.`))],
    '.SH SEE ALSO',
    ...['.BR ffmpeg (1),', '.BR systemctl (1),', '.BR journalctl (1)', '.PP'],
    ...prose('docs/cli.md and docs/configuration.md beside the program say more.'),
  ];
  return `${lines.join('\n')}\n`;
}

function verbLines({name, takes, about: what, options, examples}: Verb): readonly string[] {
  return [
    `.SS ${quoted(`dubstead ${name} ${takes}`.trim())}`,
    ...prose(what),
    ...Object.entries(options).flatMap(optionLines),
    ...['.PP', '.EX', ...examples.map(roff), '.EE'],
  ];
}

function optionLines([long, {short, value, about: what}]: readonly [string, Option]): readonly string[] {
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${long}`];
  const bold = names.map(name => `\\fB${roff(name)}\\fR`).join(', ');
  return tagged(
    value === undefined ? bold : `${bold} \\fI${roff(value)}\\fR`,
    long === 'help' ? 'help about this verb.' : `${what}.`,
  );
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', tag, ...prose(text)];
}

/** Lines as short as man pages have them. */
function prose(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = `${last} ${roff(word)}`;
    if (last === undefined || longer.length > lineLimit) lines.push(roff(word));
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Text that means to roff what it says: no escape, no request, nothing that is not ASCII, a minus for each dash. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll(/[^\x20-\x7e]/gu, character => `\\[u${hex(character)}]`)
    .replace(/^\./, '\\&.');
}

function quoted(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

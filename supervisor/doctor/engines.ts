/** Owns whether there is an engine for each part of a dub, as the engines say themselves, in a process of their own. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {Duplex} from 'node:stream';
import {EnginesShown} from '../../appliance/api/room-rows.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {workerEnvironment, workerFlags} from '../../appliance/worker-program.ts';
import {type Box, type Check, fault, fine, type Ground, warning} from './check.ts';

/** What goes without any engine of a kind; a kind that is not named here is a step that a dub can do without. */
const without: Readonly<Record<string, string>> = {
  'media tools': 'Every job fails.',
  'speech detector': 'Every job fails.',
  recogniser: 'Only a film with subtitles can be dubbed.',
  translator: 'Only a film with subtitles in the wanted language can be dubbed.',
  voice: 'No line can be spoken. Every job fails.',
};

export const engines: Check = {
  id: 'engines',
  title: 'Engines',
  looksAt: 'every engine, asked as dubstead engines asks, and the languages that the settings want',
  async examine(ground) {
    const shown = await ask(ground);
    if (shown === undefined)
      return [
        fault({
          finding: 'The engines could not be asked: the program that does so ended without an answer.',
          meaning: 'Jobs will probably end as badly.',
          fix: 'See what dubstead engines says; if it says nothing either, run scripts/setup again.',
        }),
      ];
    return judgeEngines(shown, ground.box.ok ? ground.box.value.settings : undefined);
  },
};

/** Pure. */
export function judgeEngines(
  {engines: all, pairs}: EnginesShown,
  settings: Pick<Box['settings'], 'DUB_FROM' | 'DUB_TO'> | undefined,
): readonly Finding[] {
  const findings = all.flatMap(({kind, name, ready, detail}): Finding[] => {
    if (ready) return [];
    const told = {
      finding: `${name} (${kind}) is not ready: ${detail}.`,
      fix: 'Install what it names, or run scripts/setup.',
    };
    const isAlone = !all.some(other => other.kind === kind && other.ready);
    const meaning = isAlone ? without[kind] : 'Another engine does its part.';
    if (isAlone && meaning !== undefined) return [fault({...told, meaning})];
    return [warning({...told, meaning: meaning ?? 'Dubs are made without its step, and say so.'})];
  });
  return [...findings, ...(settings === undefined ? [] : judgePair(pairs, settings)), ...well(all, pairs)];
}

function judgePair(
  pairs: EnginesShown['pairs'],
  {DUB_FROM: from, DUB_TO: to}: Pick<Box['settings'], 'DUB_FROM' | 'DUB_TO'>,
): readonly Finding[] {
  const language = to.split('-')[0] ?? to;
  const isFit = (pair: string): boolean => {
    const [source, target] = pair.split('-');
    return target === language && (from === null || source === from.split('-')[0]);
  };
  if (pairs.length === 0 || pairs.some(isFit)) return [];
  return [
    warning({
      finding: `Nothing here translates ${from === null ? '' : `from ${from} `}into ${to}, as ${from === null ? 'DUB_TO says' : 'DUB_FROM and DUB_TO say'}.`,
      meaning: 'A film that asks for no other language is refused, unless it has subtitles in it.',
      fix: `Set DUB_TO to what can be translated into (${pairs.slice(0, 10).join(', ')}), or install a package of that pair.`,
    }),
  ];
}

function well(all: EnginesShown['engines'], pairs: EnginesShown['pairs']): readonly Finding[] {
  if (!all.every(({ready}) => ready)) return [];
  return [fine(`All are ready: ${all.map(({name}) => name).join(', ')}. Pairs: ${pairs.join(', ')}.`)];
}

const limitMs = 30_000;
const limitBytes = 256 << 10;

async function ask({
  root,
  searchPath,
}: Pick<Ground, 'root' | 'searchPath'>): Promise<EnginesShown | undefined> {
  const child = spawn(process.execPath, [...workerFlags, `${root}/pipeline/describe.ts`], {
    env: {PATH: searchPath, LC_ALL: 'C.UTF-8', HOME: '/nonexistent', ...workerEnvironment},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const answer = child.stdio[3];
  if (!(answer instanceof Duplex)) throw new Error('no way to hear the engines');
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
  });
  answer.on('error', () => {});
  try {
    await once(child, 'close');
    return EnginesShown.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return undefined;
  }
}

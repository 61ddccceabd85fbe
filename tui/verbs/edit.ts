/** Owns `dubstead edit`: changing the words of one line of a dub, or who a speaker is. Needs no daemon. */
import {no, ok, type Result} from '../../appliance/result.ts';
import {SpeakerChange} from '../../appliance/speakers.ts';
import {attemptDub} from '../attempt.ts';
import {absolute} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {flag, type Given, type Surroundings, text, verb} from '../verb.ts';
import {type Answer, runWorker} from '../worker.ts';
import {say, type World} from '../world.ts';

interface Place {
  readonly out: string;
  readonly title: string | null;
}

type Asked = {readonly json: boolean} & (
  | {readonly is: 'line'; readonly edit: Place & {readonly line: number; readonly text: string}}
  | {
      readonly is: 'speaker';
      readonly edit: Place & {
        readonly speaker: string;
        readonly name?: string | null;
        readonly voice?: string | null;
      };
    }
);

/** As Edit has it. */
const textLimit = 4000;

const options = {
  line: text('N', 'which line, from 1'),
  text: text('"…"', 'what it should say'),
  speaker: text('S1', 'which speaker, in place of a line'),
  name: text('NAME', 'what they are called; "" is as they were found'),
  voice: text('ID', 'in which voice they speak; "" is one that is found'),
  title: text('film.es', 'which dub, where DIR holds more than one'),
  json: flag('answer with one JSON object'),
};

export const edit = verb({
  name: 'edit',
  takes: 'DIR --line N --text "…" | DIR --speaker S1 [--name NAME] [--voice ID] [--title film.es] [--json]',
  short: 'DIR --line N …',
  brief: 'change a line or a speaker; dub again to hear it',
  about:
    'Changes what line N says, or how a speaker is called and which voice they have; the report numbers the lines and names the speakers. Then run dubstead dub again as before: only what changed is spoken and mixed anew.',
  options,
  examples: [
    'dubstead edit dub --line 7 --text "Nos vemos mañana."',
    'dubstead edit dub --speaker S1 --name Anna --voice espeak-ng:f4',
  ],
  words: 'some',
  names: 'folder',
  read,
  run,
});

function read(
  values: Given<typeof options>,
  folders: readonly string[],
  around: Surroundings,
): Result<Asked, string> {
  const [out] = folders;
  if (out === undefined || folders.length > 1) return no('Name the one folder that the dub is in.');
  const place = {out: absolute(out, around.folder), title: values.title ?? null};
  const json = values.json === true;
  return values.speaker === undefined ? readLine(values, place, json) : readSpeaker(values, place, json);
}

function readLine(values: Given<typeof options>, place: Place, json: boolean): Result<Asked, string> {
  if (values.name !== undefined || values.voice !== undefined)
    return no('Say whose name or voice it is with --speaker.');
  const line = Number(values.line);
  if (!Number.isInteger(line) || line < 1) return no('Say which line with --line, a number from 1.');
  const wording = values.text?.trim() ?? '';
  if (wording === '') return no('Say what the line should say with --text.');
  if (wording.length > textLimit) return no(`--text takes up to ${textLimit} characters.`);
  return ok({is: 'line', edit: {...place, line, text: wording}, json});
}

function readSpeaker(values: Given<typeof options>, place: Place, json: boolean): Result<Asked, string> {
  const {line, text: wording, name, voice} = values;
  if (line !== undefined || wording !== undefined) return no('Change a line or a speaker, one at a time.');
  if (name === undefined && voice === undefined) return no('Say what to change with --name or --voice.');
  const change = SpeakerChange.safeParse({
    speaker: values.speaker,
    name: name?.trim() || null,
    voice: voice?.trim() || null,
  });
  if (!change.success)
    return no('--speaker and --name take one line of up to 60 characters, --voice of up to 80.');
  const {speaker, ...wanted} = change.data;
  return ok({
    is: 'speaker',
    json,
    edit: {
      ...place,
      speaker,
      ...(name === undefined ? {} : {name: wanted.name}),
      ...(voice === undefined ? {} : {voice: wanted.voice}),
    },
  });
}

function run(asked: Asked, world: World): Promise<number> {
  return attemptDub(world, asked.json, async () => {
    const command =
      asked.is === 'line'
        ? ({v: 1, do: 'edit', ...asked.edit} as const)
        : ({v: 1, do: 'recast', ...asked.edit} as const);
    const answer = await runWorker(command, () => {}, world.signal);
    if (asked.json) world.screen.write(jsonLine(answer));
    else say(world.screen, [...wordsOf(answer), 'Run dubstead dub again to hear it.']);
  });
}

function wordsOf(answer: Answer): readonly string[] {
  if (answer.is === 'edited')
    return [`Line ${answer.line} said: ${answer.was}`, `It will say:  ${answer.now}`];
  if (answer.is !== 'recast') return [];
  const {speaker, name, voice} = answer;
  const who = name === null ? `${speaker} has no name` : `${speaker} is ${name}`;
  return [`${who}, ${voice === null ? 'and has a voice that is found' : `and has the voice ${voice}`}.`];
}

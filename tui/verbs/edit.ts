/** Owns `dubstead edit`: changing the words of one line of a dub. Needs no daemon. */
import {no, ok, type Result} from '../../appliance/result.ts';
import {attemptDub} from '../attempt.ts';
import {absolute} from '../choices.ts';
import {jsonLine} from '../clean.ts';
import {flag, type Given, type Surroundings, text, verb} from '../verb.ts';
import {runWorker} from '../worker.ts';
import {say, type World} from '../world.ts';

interface Asked {
  readonly out: string;
  readonly title: string | null;
  readonly line: number;
  readonly text: string;
  readonly json: boolean;
}

/** As Edit has it. */
const textLimit = 4000;

const options = {
  line: text('N', 'which line, from 1'),
  text: text('"…"', 'what it should say'),
  title: text('film.es', 'which dub, where DIR holds more than one'),
  json: flag('answer with one JSON object'),
};

export const edit = verb({
  name: 'edit',
  takes: 'DIR --line N --text "…" [--title film.es] [--json]',
  short: 'DIR --line N …',
  brief: 'change the words of one line; dub again to hear it',
  about:
    'Changes what line N says; the report numbers the lines. Then run dubstead dub again as before: only that line is spoken and mixed anew.',
  options,
  examples: ['dubstead edit dub --line 7 --text "Nos vemos mañana."'],
  words: 'some',
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
  const line = Number(values.line);
  if (!Number.isInteger(line) || line < 1) return no('Say which line with --line, a number from 1.');
  const wording = values.text?.trim() ?? '';
  if (wording === '') return no('Say what the line should say with --text.');
  if (wording.length > textLimit) return no(`--text takes up to ${textLimit} characters.`);
  const title = values.title ?? null;
  return ok({out: absolute(out, around.folder), title, line, text: wording, json: values.json === true});
}

function run({json, ...edit}: Asked, world: World): Promise<number> {
  return attemptDub(world, json, async () => {
    const answer = await runWorker({v: 1, do: 'edit', ...edit}, () => {}, world.signal);
    if (answer.is !== 'edited') return;
    if (json) world.screen.write(jsonLine(answer));
    else
      say(world.screen, [
        `Line ${edit.line} said: ${answer.was}`,
        `It will say:  ${answer.now}`,
        'Run dubstead dub again to hear it.',
      ]);
  });
}

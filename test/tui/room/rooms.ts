/** Owns rooms that tests look into: the screen of a real box, what can be told of its looks, and the processes behind it. */
import {readFile} from 'node:fs/promises';
import type {Test} from 'tap';
import {UserName} from '../../../appliance/job.ts';
import {Glass, type GlassSetting} from '../../../scripts/glass.ts';
import {type TestBox, until} from '../../supervisor/daemons.ts';
import {urlOf} from '../../web/pages/box.ts';
import {password, send} from '../../web/people.ts';

export const ann = UserName.parse('ann');
export const keys = {
  ...{escape: '\x1b', enter: '\r', tab: '\t', down: '\x1b[B', up: '\x1b[A', control: '\x03'},
  ...{leaveShell: '\x1d', redraw: '\x0c', right: '\x1b[C', space: ' '},
} as const;

export function glassOn(t: Test, argv: readonly string[], setting: GlassSetting = {}): Glass {
  const glass = new Glass(argv, setting);
  t.teardown(() => glass[Symbol.asyncDispose]());
  return glass;
}

/** The settings of the daemon are those of whoever looks at it: of these, where its socket is counts. */
export function roomOf(
  t: Test,
  box: TestBox,
  words: readonly string[] = [],
  {env = {}, ...setting}: GlassSetting = {},
): Glass {
  return glassOn(t, ['tui', ...words], {...setting, env: {...box.env, DATA_DIR: box.folder, ...env}});
}

/** Somebody with a password. */
export async function addAnn(box: TestBox): Promise<void> {
  const added = await box.client.call('users.add', {body: {name: ann, role: 'operator', password}});
  if (!added.ok) throw new Error(JSON.stringify(added.why));
}

/** Ann's login from a program, over the network; the answer has its token. */
export async function logIn(box: TestBox): Promise<string> {
  const login = {method: 'POST', body: {name: 'ann', password, as: 'client'}};
  return (await send(urlOf(box), '/api/auth/login', login)).json.tokens.access;
}

/** What the box says to a question, or the test ends. */
export async function told<T>(
  asked: Promise<{readonly ok: true; readonly value: T} | {readonly ok: false; readonly why: unknown}>,
): Promise<T> {
  const answer = await asked;
  if (!answer.ok) throw new Error(JSON.stringify(answer.why));
  return answer.value;
}

/** Why a screen is not whole; nothing where it is. */
export function flawOf(glass: Glass): string | undefined {
  const {rows, emulator} = glass;
  const {active} = emulator.buffer;
  const wrapped = rows.findIndex((_, row) => active.getLine(active.baseY + row)?.isWrapped === true);
  if (wrapped !== -1) return `row ${wrapped} goes on from the one before:\n${glass.text}`;
  if (!/^ Dubstead/.test(rows[0] ?? '')) return `the first line is not the first:\n${glass.text}`;
  if (!/^1Status 2Jobs 3Inbox 4Sessions 5Storage 6Retention 7Engines 8Audit 9Doctor/.test(rows[1] ?? ''))
    return `no tabs:\n${glass.text}`;
  if ((rows.at(-1) ?? '').trim() === '') return `the last line is empty:\n${glass.text}`;
  return undefined;
}

/** Why a dialog is not whole: its four edges have to meet. Columns are those of the terminal, not of characters. */
function frameFlawOf(glass: Glass): string | undefined {
  const cellAt = (row: number, column: number): string => {
    const {active} = glass.emulator.buffer;
    return (
      active
        .getLine(active.baseY + row)
        ?.getCell(column)
        ?.getChars() ?? ''
    );
  };
  const {cols, rows} = glass.emulator;
  const find = (corner: string): readonly [number, number] | undefined => {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < cols; column++) if (cellAt(row, column) === corner) return [row, column];
    return undefined;
  };
  const [start, end] = [find('┌'), find('┘')];
  if (start === undefined || end === undefined) return `no frame:\n${glass.text}`;
  const [top, left] = start;
  const [bottom, right] = end;
  if (cellAt(top, right) !== '┐' || cellAt(bottom, left) !== '└')
    return `corners do not meet:\n${glass.text}`;
  for (let row = top + 1; row < bottom; row++)
    if (cellAt(row, left) !== '│' || cellAt(row, right) !== '│') return `row ${row} is open:\n${glass.text}`;
  return undefined;
}

/** Until a dialog of that title stands there with all its edges. */
export async function framed(glass: Glass, title: string): Promise<void> {
  await glass.shows(glass => glass.text.includes(`┌ ${title}`) && frameFlawOf(glass) === undefined);
}

/** Until one has gone: processes tell nobody but their parents. */
export async function gone(pid: number): Promise<void> {
  await until(`process ${pid} is gone`, async () => !(await isAlive(pid)));
}

/** One that has ended and is not taken note of yet is none. */
export async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return state !== '' && !/^\d+ \(.*\) [ZX]/.test(state);
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '');
  return text
    .split(' ')
    .filter(word => word !== '')
    .map(Number);
}

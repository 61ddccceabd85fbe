/** Owns the screen of the doctor: every check, what was found, what it means, and the key that mends it. Pure. */
import type {CheckShown, Diagnosis, Finding} from '../../../appliance/doctor.ts';
import {count} from '../../words.ts';
import {type Model, type ScreenName, saying, type Turn} from '../model.ts';
import {goTo} from '../navigate.ts';
import {type Screen, table} from '../pane.ts';
import {type Line, line, paragraph, span} from '../text.ts';
import type {Tone} from '../theme.ts';
import {startKey} from './down.ts';

interface Row {
  readonly check: CheckShown;
  readonly finding: Finding;
  readonly id: string;
}

const none: readonly Row[] = [];
const order: readonly Finding['is'][] = ['fault', 'warning', 'skipped', 'ok'];
const looks: Readonly<Record<Finding['is'], {readonly word: string; readonly tone: Tone}>> = {
  fault: {word: 'FAULT', tone: 'bad'},
  warning: {word: 'WARNING', tone: 'warn'},
  skipped: {word: 'skipped', tone: 'dim'},
  ok: {word: 'well', tone: 'good'},
};

const known = new WeakMap<Diagnosis, readonly Row[]>();

/** The worst first. */
function rowsOf({held}: Model): readonly Row[] {
  const diagnosis = held.diagnosis?.value;
  if (diagnosis == null) return none;
  const before = known.get(diagnosis);
  if (before !== undefined) return before;
  const rows = diagnosis.checks
    .flatMap(check => check.findings.map((finding, i) => ({check, finding, id: `${check.id}.${i}`})))
    .toSorted((a, b) => order.indexOf(a.finding.is) - order.indexOf(b.finding.is));
  known.set(diagnosis, rows);
  return rows;
}

/** What a screen of this room can do about a check. */
const elsewhere: Readonly<Record<string, ScreenName>> = {
  ...{'disk-data': 'storage', 'disk-output': 'storage', 'disk-inbox': 'storage'},
  ...{engines: 'engines', inbox: 'inbox', audit: 'audit'},
};

const checks = table<Row>('doctor', {
  name: 'checks',
  title: 'Doctor',
  items: rowsOf,
  id: ({id}) => id,
  text: ({check, finding}) => `${check.title} ${finding.is} ${finding.finding}`,
  columns: [
    {head: 'STATE', columns: 8, cell: ({finding}) => span(looks[finding.is].word, looks[finding.is].tone)},
    {head: 'CHECK', columns: 22, cell: ({check}) => check.title},
    {head: 'FOUND', columns: 'rest', cell: ({finding}) => finding.finding},
  ],
  sorts: [{name: 'check', of: ({check}) => check.title}],
  empty: ({held}) => [
    held.diagnosis?.trouble == null
      ? 'The doctor is looking: engines, jail and store are tried …'
      : 'The doctor ended without an answer: dubstead doctor says more.',
  ],
  above: ({held}, columns) => {
    const counts = held.diagnosis?.value?.counts;
    if (counts === undefined) return [];
    const {ok, warning, fault, skipped} = counts;
    const words = `${count(ok, 'check')} well, ${count(warning, 'warning')}, ${count(fault, 'fault')}${skipped > 0 ? `, ${skipped} not looked at` : ''}`;
    return [...paragraph(` ${words}`, columns, fault > 0 ? 'bad' : warning > 0 ? 'warn' : 'good'), line()];
  },
  below: ({check, finding}, _model, columns) => told(check, finding, columns),
  keys: [
    {keys: ['f', 'enter'], short: 'fix', does: 'what mends it, or the screen that does', run: fix},
    {
      keys: ['r'],
      short: 'look again',
      does: 'have the doctor look again',
      run: model => [saying(model, 'The doctor is looking …', 'busy'), [{is: 'refresh', of: ['diagnosis']}]],
    },
    startKey,
  ],
  wants: () => [{of: 'diagnosis', everyMs: null}],
});

function told(check: CheckShown, finding: Finding, columns: number): readonly Line[] {
  const first = paragraph(` ${check.title}: ${finding.finding}`, columns, looks[finding.is].tone);
  if (finding.is === 'ok' || finding.is === 'skipped') return first;
  return [
    ...first,
    ...paragraph(` Means: ${finding.meaning}`, columns),
    ...paragraph(` Fix:   ${finding.fix}`, columns, 'strong'),
  ];
}

function fix(model: Model): Turn {
  const row = checks.current(model);
  if (row === undefined) return [model, []];
  const {check, finding} = row;
  if (finding.is === 'ok' || finding.is === 'skipped')
    return [saying(model, 'There is nothing to mend here.', 'good'), []];
  if (model.link.is === 'down' && check.id === 'socket') return startKey.run(model);
  const screen = elsewhere[check.id];
  if (screen !== undefined) return [saying(goTo(model, screen), finding.fix), []];
  const wide = Math.min(72, model.size.columns - 10);
  const shell = model.hasShell ? [line(), line(span('! ', 'key'), 'opens a shell to do it in.')] : [];
  const text = [...told(check, finding, wide), ...shell];
  return [{...model, dialog: {is: 'text', title: 'What mends it', text, top: 0}}, []];
}

export const doctor: Screen = {
  name: 'doctor',
  title: 'Doctor',
  about:
    'What is wrong with this box, what that means, and what mends it. Works while the daemon is down. dubstead doctor prints the same.',
  panes: [checks],
};

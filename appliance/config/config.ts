/**
 * Owns the configuration of the box: every setting with its value and where it was written, or everything that is
 * wrong, all at once. Never changes a file, and never acts on what it read.
 */
import {join} from 'node:path';
import {no, ok, type Result, unreachable} from '../result.ts';
import {type ConfigFault, describeOrigin, type Origin} from './fault.ts';
import {realFolders, realMedia} from './folders.ts';
import {productionReason, ruleFaults} from './rules.ts';
import {
  isSettingName,
  type SettingName,
  type Settings,
  settingGroups,
  settingNames,
  settingOf,
} from './settings.ts';
import {type Entry, readSources, type Sources, type Written} from './sources.ts';

export interface Config {
  readonly settings: Settings;
  readonly origins: Origins;
  /** Why this is production: `ENV=production`; null when it is not. */
  readonly production: string | null;
}

export type Origins = Readonly<Record<SettingName, Origin>>;

export async function readConfig(sources: Sources): Promise<Result<Config, readonly ConfigFault[]>> {
  const written = await readSources(sources);
  const {settings, origins, faults} = settle(written, sources.root);
  const found = [...written.faults, ...faults];
  const unread = new Set(found.flatMap(unreadBy));
  for (const name of settingNames) if (origins[name].is === 'withheld') unread.add(name);
  const judged = {real: await realFolders(settings), realMedia: await realMedia(settings)};
  // What is missing may stand in what could not be read.
  const isWhole = !found.some(({is}) => is === 'unreadable' || is === 'bad-line' || is === 'misnamed-file');
  const broken = ruleFaults({settings, origins, ...judged}, unread).filter(
    ({is}) => isWhole || is !== 'needed',
  );
  const all = [...found, ...broken];
  return all.length > 0 ? no(all) : ok({settings, origins, production: productionReason(settings)});
}

/** The settings whose value is not known because of a fault: no rule is asked about those. */
function unreadBy(fault: ConfigFault): readonly SettingName[] {
  if (fault.is === 'unknown') return fault.nearest === null ? [] : [fault.nearest];
  return 'name' in fault && isSettingName(fault.name) ? [fault.name] : [];
}

interface Settled {
  readonly settings: Settings;
  readonly origins: Origins;
  readonly faults: readonly BadValue[];
}

type BadValue = Extract<ConfigFault, {is: 'bad-value'}>;

/**
 * Every text is judged, also one that another source hides: it would be a surprise on the day that one goes. An empty
 * text is the default, and hides what stands after it. A setting with a fault gets its default, so that the rules can
 * be asked about the others.
 */
function settle({entries, withheld}: Written, root: string): Settled {
  const values = new Map<SettingName, unknown>();
  const origins = new Map<SettingName, Origin>();
  const faults: BadValue[] = [];
  for (const entry of entries) {
    const read = readEntry(entry, root);
    if (!read.ok) faults.push(read.why);
    if (origins.has(entry.name)) continue;
    origins.set(entry.name, entry.origin);
    if (read.ok && read.value !== undefined) values.set(entry.name, read.value);
  }
  // DATA_DIR comes before the folders that lie in it.
  for (const name of settingNames) {
    const isWithheld = withheld !== null && settingOf(name).isSecret;
    if (!origins.has(name))
      origins.set(name, isWithheld ? {is: 'withheld', path: withheld} : {is: 'default'});
    if (!values.has(name)) values.set(name, defaultOf(name, root, values));
  }
  // Both have every name, and each value went through the schema of its own setting.
  return {
    settings: Object.fromEntries(values) as Settings,
    origins: Object.fromEntries(origins) as Origins,
    faults,
  };
}

/** Undefined stands for the default. */
function readEntry({name, text, origin}: Entry, root: string): Result<unknown, BadValue> {
  if (text === '') return ok(undefined);
  const {kind} = settingOf(name);
  const read = kind.schema.safeParse(text);
  if (read.success) return ok(kind.placed(read.data, root));
  return no({is: 'bad-value', name, origin, seen: kind.shown(text), allowed: kind.allowed});
}

function defaultOf(name: SettingName, root: string, values: ReadonlyMap<SettingName, unknown>): unknown {
  const {kind, default: standard} = settingOf(name);
  switch (standard.is) {
    case 'text':
      return kind.placed(kind.schema.parse(standard.text), root);
    case 'in-data-dir':
      return join(String(values.get('DATA_DIR')), standard.name);
    case 'none':
      return null;
    default:
      return unreachable(standard);
  }
}

/** A row for people and for `--json`; a secret says only whether it is set. */
export interface ConfigRow {
  readonly name: SettingName;
  readonly group: string;
  /** As it would be written, or `not set`, `set`, `not readable`. */
  readonly value: string;
  readonly from: string;
  readonly isDefault: boolean;
}

export function describeConfig({settings, origins}: Config): readonly ConfigRow[] {
  return settingGroups.flatMap(({title, names}) =>
    names.map(name => {
      const origin = origins[name];
      return {
        name,
        group: title,
        value: origin.is === 'withheld' ? 'not readable' : shownValue(name, settings[name]),
        from: describeOrigin(origin),
        isDefault: origin.is === 'default',
      };
    }),
  );
}

function shownValue(name: SettingName, value: unknown): string {
  const {kind, isSecret} = settingOf(name);
  if (isSecret) return value === null ? 'not set' : 'set';
  return kind.write(value) || 'not set';
}

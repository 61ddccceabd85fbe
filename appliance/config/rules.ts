/**
 * Owns what settings must be to one another, and what production asks of them. Pure: the real paths of folders are
 * handed in. Never reads a value from anywhere, never decides what happens on a fault.
 */
import type {ConfigFault, Weakness} from './fault.ts';
import {folderFaults, folderNames, type Judged, mediaFaults, socketFaults} from './folders.ts';
import type {Secret} from './secret.ts';
import {type SettingName, type Settings, settingNames, settingOf} from './settings.ts';

interface Rule {
  /** What it looks at. It is skipped when one of these could not be read, which has been told already. */
  readonly looksAt: readonly SettingName[];
  faults(judged: Judged): readonly ConfigFault[];
}

/** Why this configuration counts as production; null when it does not. */
export function productionReason(settings: Settings): string | null {
  if (settings.ENV === 'production') return 'ENV=production';
  if (settings.REMOTE_ACCESS_MODE !== 'off') return `REMOTE_ACCESS_MODE=${settings.REMOTE_ACCESS_MODE}`;
  return settings.PUBLIC_BASE_URL === null ? null : 'PUBLIC_BASE_URL is set';
}

const production = ['ENV', 'REMOTE_ACCESS_MODE', 'PUBLIC_BASE_URL'] as const;

const rules: readonly Rule[] = [
  needs('NTFY_BASE_URL', 'NOTIFY_ON_JOB_DONE'),
  needs('NTFY_TOPIC', 'NOTIFY_ON_JOB_DONE'),
  needs('CONTAINER_IMAGE', 'ENABLE_CONTAINER_WORKER'),
  {
    looksAt: ['DUB_FROM', 'DUB_TO'],
    faults: ({settings: {DUB_FROM, DUB_TO}}) =>
      DUB_FROM === DUB_TO ? [{is: 'same-language', language: DUB_TO}] : [],
  },
  needsIn('CLOUDFLARE_ISSUER', 'cloudflare'),
  needsIn('CLOUDFLARE_AUDIENCE', 'cloudflare'),
  {looksAt: [...production, 'CORS_ORIGINS'], faults: originFaults},
  {looksAt: [...production, 'JOB_ISOLATION'], faults: isolationFaults},
  {looksAt: production, faults: weakSecretFaults},
  {looksAt: ['DATA_DIR'], faults: socketFaults},
  {looksAt: folderNames, faults: folderFaults},
  {looksAt: [...folderNames, 'MEDIA_DIRS'], faults: mediaFaults},
];

/** `unread` are those that have a fault already, or may not be read. */
export function ruleFaults(judged: Judged, unread: ReadonlySet<SettingName>): readonly ConfigFault[] {
  return rules
    .filter(({looksAt}) => !looksAt.some(name => unread.has(name)))
    .flatMap(rule => rule.faults(judged));
}

function needs(name: SettingName, by: 'NOTIFY_ON_JOB_DONE' | 'ENABLE_CONTAINER_WORKER'): Rule {
  return {
    looksAt: [name, by],
    faults: ({settings}) => (settings[by] && settings[name] === null ? [{is: 'needed', name, by}] : []),
  };
}

function needsIn(name: 'CLOUDFLARE_ISSUER' | 'CLOUDFLARE_AUDIENCE', mode: 'cloudflare'): Rule {
  const because = `REMOTE_ACCESS_MODE=${mode}`;
  return {
    looksAt: [name, 'REMOTE_ACCESS_MODE'],
    faults: ({settings}) =>
      settings.REMOTE_ACCESS_MODE === mode && settings[name] === null
        ? [{is: 'wanted', name, because, instead: null}]
        : [],
  };
}

/** Production says by which address its pages are reached: no guess decides which pages may ask. */
function originFaults({settings}: Judged): readonly ConfigFault[] {
  const because = productionReason(settings);
  if (because === null || settings.CORS_ORIGINS !== null || settings.PUBLIC_BASE_URL !== null) return [];
  return [{is: 'wanted', name: 'CORS_ORIGINS', because, instead: 'PUBLIC_BASE_URL'}];
}

function isolationFaults({settings, origins}: Judged): readonly ConfigFault[] {
  const because = productionReason(settings);
  if (because === null || settings.JOB_ISOLATION !== 'none') return [];
  const name = 'JOB_ISOLATION';
  return [
    {is: 'not-in-production', name, origin: origins[name], seen: 'none', instead: 'jail or rlimits', because},
  ];
}

function weakSecretFaults({settings, origins}: Judged): readonly ConfigFault[] {
  const because = productionReason(settings);
  if (because === null) return [];
  return weakSecrets(settings).map(({name, weakness}) => {
    return {is: 'weak-secret', name, origin: origins[name], weakness, because};
  });
}

type SecretName = {
  [Name in SettingName]: Secret extends Settings[Name] ? Name : never;
}[SettingName];

const secretNames: readonly SecretName[] = settingNames.filter(
  (name): name is SecretName => settingOf(name).isSecret,
);

export interface WeakSecret {
  readonly name: SecretName;
  readonly weakness: Weakness;
}

/** Production refuses these; elsewhere they are worth a warning. */
export function weakSecrets(settings: Settings): readonly WeakSecret[] {
  const texts = secretNames.flatMap(name => {
    const text = settings[name]?.reveal();
    return text === undefined ? [] : [{name, text}];
  });
  return texts.flatMap(({name, text}): readonly WeakSecret[] => {
    const twin = texts.find(other => other.text === text && other.name !== name);
    const weakness = twin === undefined ? weaknessOf(text) : {sameAs: twin.name};
    return weakness === null ? [] : [{name, weakness}];
  });
}

const shortest = 16;

/** Words of examples and manuals, one after another, with a year or a number behind them. */
const placeholder =
  /^(?:change|replace|your|my|this|me|it|please|default|example|sample|secret|password|token|topic|key|here|dubstead|ntfy|dubs|home|test|[-_.])*\d{0,4}$/i;

function weaknessOf(text: string): Weakness | null {
  if (placeholder.test(text)) return 'common';
  if (text.length < shortest) return 'short';
  return new Set(text).size < 6 || /^(.{1,8})\1+$/s.test(text) ? 'repetitive' : null;
}

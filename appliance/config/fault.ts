/**
 * Owns every way a configuration can be wrong, as data, and the one place where that becomes words: what is wrong,
 * where it was written, what is allowed or what to do. Never carries the value of a secret.
 */
import {unreachable} from '../result.ts';
import type {SettingName} from './settings.ts';

/** Where a value was written. */
export type Origin =
  | {readonly is: 'default'}
  | {readonly is: 'environment'}
  | {readonly is: 'credential'; readonly path: string}
  | {readonly is: 'file'; readonly path: string; readonly line: number}
  /** Somewhere that this user may not read. */
  | {readonly is: 'withheld'; readonly path: string};

export type EnvFileName = 'dubstead.env' | '.env.secrets';

export type Weakness = 'common' | 'short' | 'repetitive' | {readonly sameAs: SettingName};

export type ConfigFault =
  | {
      readonly is: 'bad-value';
      readonly name: SettingName;
      readonly origin: Origin;
      /** Null when it must not be shown. */
      readonly seen: string | null;
      readonly allowed: string;
    }
  | {
      readonly is: 'unknown';
      /** Null when it may be a secret that stands alone on its line. */
      readonly name: string | null;
      readonly origin: Origin;
      readonly nearest: SettingName | null;
    }
  | {readonly is: 'bad-line'; readonly path: string; readonly line: number; readonly what: string}
  | {
      readonly is: 'twice';
      readonly name: SettingName;
      readonly path: string;
      readonly line: number;
      readonly firstLine: number;
    }
  /** A secret where all may read it, or a plain setting among the secrets. */
  | {
      readonly is: 'wrong-file';
      readonly name: SettingName;
      readonly origin: Origin;
      readonly belongs: EnvFileName;
    }
  | {readonly is: 'misnamed-file'; readonly path: string; readonly name: EnvFileName}
  | {readonly is: 'unreadable'; readonly path: string; readonly detail: string}
  | {readonly is: 'open-file'; readonly path: string; readonly to: 'read' | 'write'; readonly mode: number}
  | {readonly is: 'needed'; readonly name: SettingName; readonly by: SettingName}
  /** Another setting, or production, wants it; `instead` would do as well. */
  | {
      readonly is: 'wanted';
      readonly name: SettingName;
      readonly because: string;
      readonly instead: string | null;
    }
  | {
      readonly is: 'inside';
      readonly name: SettingName;
      readonly path: string;
      readonly origin: Origin;
      /** `INBOX_DIR`, or the part of DATA_DIR. */
      readonly outer: string;
      readonly outerPath: string;
      readonly why: string;
    }
  | {
      readonly is: 'too-long';
      readonly name: SettingName;
      readonly origin: Origin;
      readonly bytes: number;
      readonly limitBytes: number;
    }
  | {readonly is: 'same-language'; readonly language: string}
  | {
      readonly is: 'not-in-production';
      readonly name: SettingName;
      readonly origin: Origin;
      readonly seen: string;
      readonly instead: string;
      readonly because: string;
    }
  | {
      readonly is: 'weak-secret';
      readonly name: SettingName;
      readonly origin: Origin;
      readonly weakness: Weakness;
      readonly because: string;
    };

/** One line, whatever was found in a file. */
export function describeFault(fault: ConfigFault): string {
  switch (fault.is) {
    case 'bad-value':
      return describeBadValue(fault);
    case 'unknown':
      return `${subject(fault.name)} (${describeOrigin(fault.origin)}) is no setting of Dubstead. ${correction(fault)}`;
    case 'bad-line':
      return `Line ${fault.line} of ${shown(fault.path)} ${fault.what}.`;
    case 'twice':
      return `${fault.name} stands in ${shown(fault.path)} twice, in lines ${fault.firstLine} and ${fault.line}. Remove one.`;
    case 'wrong-file':
      return describeWrongFile(fault);
    case 'misnamed-file':
      return `${shown(fault.path)} is not read. Rename it to ${fault.name}, or move it away.`;
    case 'unreadable':
      return `${shown(fault.path)} cannot be read: ${fault.detail}. Mend that, or move it away.`;
    case 'open-file':
      return describeOpenFile(fault);
    case 'wanted':
      return `${fault.name} is not set, and ${fault.because} wants it: set it${fault.instead === null ? '' : `, or ${fault.instead}`}.`;
    case 'needed':
      return `${fault.name} is not set, and ${fault.by}=1 needs it. Set it, or set ${fault.by}=0.`;
    case 'inside':
      return `${fault.name} (${shown(fault.path)}, ${describeOrigin(fault.origin)}) is or lies in ${fault.outer} (${shown(fault.outerPath)}): ${fault.why}. Choose a folder outside of it.`;
    case 'too-long':
      return `${fault.name} (${describeOrigin(fault.origin)}) is too long: the path of the control socket in it has ${fault.bytes} bytes, and the system takes ${fault.limitBytes}. Choose a shorter path.`;
    case 'same-language':
      return `DUB_FROM and DUB_TO are both ${fault.language}: there is nothing to dub. Change one, or leave DUB_FROM empty.`;
    case 'not-in-production':
      return `${fault.name} (${describeOrigin(fault.origin)}) is ${fault.seen}, which production refuses (${fault.because}). Set it to ${fault.instead}.`;
    case 'weak-secret':
      return `${fault.name} (${describeOrigin(fault.origin)}) is ${weaknessOf(fault.weakness)}, which production refuses (${fault.because}). Make a new one: openssl rand -hex 20`;
    default:
      return unreachable(fault);
  }
}

export function describeOrigin(origin: Origin): string {
  switch (origin.is) {
    case 'default':
      return 'default';
    case 'environment':
      return 'environment';
    case 'credential':
      return `credential ${shown(origin.path)}`;
    case 'file':
      return `${shown(origin.path)}:${origin.line}`;
    case 'withheld':
      return `${shown(origin.path)}, which you may not read`;
    default:
      return unreachable(origin);
  }
}

type FaultOf<Kind extends ConfigFault['is']> = Extract<ConfigFault, {is: Kind}>;

function describeBadValue({name, origin, seen, allowed}: FaultOf<'bad-value'>): string {
  const what = seen === null ? 'not allowed as it is (its value is not shown)' : `"${cut(seen)}"`;
  return `${name} (${describeOrigin(origin)}) is ${what}; allowed is ${allowed}.`;
}

function correction({nearest}: FaultOf<'unknown'>): string {
  if (nearest !== null) return `Did you mean ${nearest}? Correct it, or remove it.`;
  return 'Remove it; docs/configuration.md lists all there are.';
}

function subject(name: string | null): string {
  return name === null ? 'A name' : cut(name);
}

function describeWrongFile({name, origin, belongs}: FaultOf<'wrong-file'>): string {
  const what = belongs === '.env.secrets' ? 'is secret' : 'is not secret';
  return `${name} (${describeOrigin(origin)}) ${what}. Move it to ${belongs}.`;
}

function describeOpenFile({path, to, mode}: FaultOf<'open-file'>): string {
  const octal = mode.toString(8).padStart(4, '0');
  const [what, fix] = to === 'read' ? ['read or changed', '600'] : ['changed', 'o-w'];
  const quoted = `'${shown(path).replaceAll("'", "'\\''")}'`;
  return `${shown(path)} can be ${what} by other users of this machine (mode ${octal}). Run: chmod ${fix} ${quoted}`;
}

function weaknessOf(weakness: Weakness): string {
  if (typeof weakness === 'object') return `the same as ${weakness.sameAs}`;
  switch (weakness) {
    case 'common':
      return 'one that anybody would try first';
    case 'short':
      return 'too short';
    case 'repetitive':
      return 'made of a few characters again and again';
    default:
      return unreachable(weakness);
  }
}

/** Nothing from outside breaks a line or the terminal, or turns the reading direction. */
function shown(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    character => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

function cut(text: string): string {
  const limit = 120;
  return text.length > limit ? `${shown(text.slice(0, limit))}…` : shown(text);
}

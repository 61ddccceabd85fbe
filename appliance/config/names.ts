/**
 * Owns judging a name that no setting has: which setting was probably meant, and whether a variable of the process
 * environment is one of ours at all. Never reads a value.
 */
import {type SettingName, settingNames} from './settings.ts';

/** The setting that was probably meant, or null when none is near. A name in one of our files is always meant for us. */
export function nearestSetting(name: string): SettingName | null {
  return nearest(plain(name), ({length}) => Math.max(1, Math.floor(length / 3)));
}

/**
 * The process environment is everybody's, so a variable that no setting has is refused there only when it can hardly
 * be anybody else's:
 *
 * 1. its name begins with DUBSTEAD_, DUB_ or INBOX_, as nothing does that is found on a server; or
 * 2. it is the name of a setting in other case, with a hyphen for an underscore, or with a slip of the pen: one edit
 *    (a letter more, less, other, or two swapped) in a name of 6 letters or more, up to two in one of 10 or more.
 *
 * Everything else passes unread. Names under 6 letters (ENV, HOST, PORT) are not guessed at: ENVS, POST and HOSTS may
 * be somebody's. And JOB_, LOG_, NOTIFY_, NTFY_ or CONTAINER_ at the start say nothing: Jenkins sets JOB_NAME, systemd
 * NOTIFY_SOCKET, podman CONTAINER_HOST, ntfy's own server NTFY_CACHE_FILE. In our files every unknown name is refused.
 */
export function isMeantForUs(name: string): boolean {
  if (families.some(family => name.toUpperCase().startsWith(family))) return true;
  const slips = ({length}: SettingName): number => (length < 10 ? 1 : 2);
  return nearest(plain(name), known => (known.length < 6 ? never : slips(known))) !== null;
}

const never = -1;
const families = ['DUBSTEAD_', 'DUB_', 'INBOX_'];

/** As a setting would be spelled: people put the product's name before a variable, and type in small letters. */
function plain(name: string): string {
  const word = name.toUpperCase().replaceAll('-', '_');
  return word.replace(/^DUBSTEAD_/, '');
}

/** The nearest name that is no more edits away than may be for it. */
function nearest(word: string, reachOf: (name: SettingName) => number): SettingName | null {
  let best: {readonly name: SettingName; readonly edits: number} | undefined;
  for (const name of settingNames) {
    const reach = Math.min(reachOf(name), best === undefined ? Number.POSITIVE_INFINITY : best.edits - 1);
    // Most are told apart by their lengths alone: the environment of a daemon may hold hundreds of names.
    if (Math.abs(name.length - word.length) > reach) continue;
    const edits = editsBetween(word, name);
    if (edits <= reach) best = {name, edits};
  }
  return best?.name ?? null;
}

/** Optimal string alignment: letters put in, left out, changed, or swapped with their neighbour. */
export function editsBetween(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({length: other.length + 1}, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const here = [row];
    for (let column = 1; column <= other.length; column++) {
      const changed = (last[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      let fewest = Math.min((last[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1, changed);
      const isSwap = row > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwap) fewest = Math.min(fewest, (before[column - 2] ?? 0) + 1);
      here[column] = fewest;
    }
    [before, last] = [last, here];
  }
  return last[other.length] ?? 0;
}

/** Owns what the settings make of push: off, held back by a promise, or on with whom and in which words. */
import type {Settings} from '../../appliance/config/settings.ts';
import type {Wording} from './message.ts';
import type {NtfyTarget} from './ntfy.ts';

export type PushSettings = Pick<
  Settings,
  | 'NOTIFY_ON_JOB_DONE'
  | 'NTFY_BASE_URL'
  | 'NTFY_TOPIC'
  | 'NTFY_TOKEN'
  | 'NOTIFY_TITLES'
  | 'OFFLINE_MODE'
  | 'ALLOW_EGRESS'
  | 'PUBLIC_BASE_URL'
  | 'DATA_DIR'
  | 'INBOX_DIR'
  | 'OUTPUT_DIR'
>;

export type PushMode =
  | {readonly is: 'off'; readonly why: string}
  /** Wanted, and forbidden by another setting: said once. */
  | {readonly is: 'withheld'; readonly why: string}
  | {
      readonly is: 'on';
      readonly target: NtfyTarget;
      readonly wording: Wording;
      /** Something the admin should know; null when there is nothing. */
      readonly warning: string | null;
    };

export function pushModeOf(settings: PushSettings): PushMode {
  const {NTFY_BASE_URL, NTFY_TOPIC, NTFY_TOKEN, OFFLINE_MODE, ALLOW_EGRESS} = settings;
  if (!settings.NOTIFY_ON_JOB_DONE) return {is: 'off', why: 'NOTIFY_ON_JOB_DONE is not set.'};
  // A server on this very machine is held back as well: whoever forbade it need not ask where a name leads.
  if (OFFLINE_MODE) return {is: 'withheld', why: withheldBy('OFFLINE_MODE=1')};
  if (!ALLOW_EGRESS) return {is: 'withheld', why: withheldBy('ALLOW_EGRESS=0')};
  if (NTFY_BASE_URL === null || NTFY_TOPIC === null)
    throw new Error('pushes are on without a server or a topic: the settings were not checked');
  const target = {url: new URL(NTFY_BASE_URL), topic: NTFY_TOPIC, token: NTFY_TOKEN};
  return {is: 'on', target, wording: wordingOf(settings), warning: warningOf(target)};
}

function withheldBy(setting: string): string {
  return `${setting} lets nothing leave this box, so no push is sent. Set NOTIFY_ON_JOB_DONE=0 to stop hearing of it.`;
}

function wordingOf(settings: PushSettings): Wording {
  const {NOTIFY_TITLES, PUBLIC_BASE_URL, DATA_DIR, INBOX_DIR, OUTPUT_DIR} = settings;
  const folders = [INBOX_DIR, OUTPUT_DIR, DATA_DIR].toSorted((a, b) => b.length - a.length);
  return {titles: NOTIFY_TITLES, publicBaseUrl: PUBLIC_BASE_URL, dataDir: DATA_DIR, folders};
}

const thisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function warningOf({url, token}: NtfyTarget): string | null {
  if (url.protocol === 'https:' || thisMachine.test(url.hostname)) return null;
  const what = token === null ? 'Pushes travel' : 'NTFY_TOKEN and pushes travel';
  return `${what} unencrypted to ${url.host}: give NTFY_BASE_URL an https address.`;
}

/** Owns how the inbox is told to those who ask: as the API's shapes, cut to their limits. Pure. */
import type {Inbox, InboxState as InboxIs, InboxSummary} from '../appliance/api/status.ts';
import type {InboxState} from './inbox/state.ts';

const filesLimit = 500;
const refusedLimit = 100;
const sentenceLimit = 4096;

export function summaryOf(state: InboxState, folder: string): InboxSummary {
  const {counts, refusals} = state;
  return {
    ...{folder, state: presenceOf(state), settling: counts.growing + counts.claiming},
    held: counts.waiting + counts.sidecar + counts.refused,
    refused: refusals,
  };
}

export function showInbox(state: InboxState, folder: string): Inbox {
  return {
    ...summaryOf(state, folder),
    files: state.files.slice(0, filesLimit).map(({path, owner, bytes, since, why}) => ({
      ...{name: path.slice(0, sentenceLimit), owner, bytes, since},
      held: why === null ? null : `${why.what} ${why.fix}`.slice(0, sentenceLimit),
    })),
    lastRefused: state.lastRefused.slice(0, refusedLimit).map(({path, at, why}) => ({
      ...{name: path.slice(0, sentenceLimit), at},
      ...{what: why.what.slice(0, sentenceLimit), fix: why.fix.slice(0, sentenceLimit)},
    })),
  };
}

function presenceOf({is, why, since, mode, modeWhy}: InboxState): InboxIs {
  if (is === 'offline') return {is: 'offline', why: why ?? 'it is not there', since: since ?? 0};
  return mode === 'polling' ? {is: 'polling', why: modeWhy ?? 'INBOX_POLLING=1 says so'} : {is: 'watching'};
}

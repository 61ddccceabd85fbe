/**
 * Owns all that the admin's room knows at a moment: what was heard of the box, which screen is open, where its cursors
 * stand, what is asked of the person. As data; nothing here happens.
 */
import type {BoxEvent} from '../../appliance/api/events.ts';
import type {PurgePlan} from '../../appliance/api/purge-rows.ts';
import type {JobLine, LogEvent, LogLine, Progress} from '../../appliance/api/shapes.ts';
import type {Alert} from '../../appliance/api/status.ts';
import type {TrailEntry, TrailEvent} from '../../appliance/api/trail-rows.ts';
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import type {At, JobId, UserName} from '../../appliance/job.ts';
import type {Result} from '../../appliance/result.ts';
import type {Zone} from '../words.ts';
import type {Answered, Call, Held, Subject} from './asks.ts';
import type {Line, Size} from './text.ts';
import type {ThemeName, Tone} from './theme.ts';

/** Those with a number, in its order; then those that are opened from one of them. */
export const numbered = [
  ...(['status', 'jobs', 'inbox', 'sessions', 'storage'] as const),
  ...(['retention', 'engines', 'audit', 'doctor'] as const),
];
export type ScreenName = (typeof numbered)[number] | 'job' | 'shell';

export type Link =
  | {readonly is: 'opening'}
  | {readonly is: 'up'}
  /** `starting`: somebody had it started, and it does not answer yet. */
  | {readonly is: 'down'; readonly trouble: ApiTrouble; readonly starting: boolean};

/** Where somebody is in a pane. */
export interface Place {
  /** The id of the row that keys act on; null is the first. */
  readonly cursor: string | null;
  /** Where that row was, for when it is gone. */
  readonly index: number;
  /** The first line that is shown of a text; of a log, null is its end. */
  readonly top: number | null;
  readonly marks: ReadonlySet<string>;
  readonly filter: string;
  /** Which of the sorts; the first is how it comes. */
  readonly sort: number;
}

export const firstPlace: Place = {cursor: null, index: 0, top: 0, marks: new Set(), filter: '', sort: 0};

export interface Jobs {
  readonly byId: ReadonlyMap<JobId, JobLine>;
  /** Newest first; the same array as long as nothing in it changed. */
  readonly items: readonly JobLine[];
  /** `over`: there are more than are held here. */
  readonly is: 'loading' | 'whole' | 'over';
  /** What was told while they were being loaded, which is newer than any page; null is gone. */
  readonly told: ReadonlyMap<JobId, JobLine | null>;
}

/** `paces`: how much was done between two looks, 0 to 1, the newest last. */
export interface Pace extends Progress {
  readonly paces: readonly number[];
  readonly lookedAt: At;
  readonly lookedDone: number;
}

export interface Log {
  readonly id: JobId;
  readonly lines: readonly LogLine[];
  readonly isOver: boolean;
}

/** The audit as far as it was heard, the newest first. */
export interface Trail {
  readonly entries: readonly TrailEntry[];
  readonly isHeard: boolean;
  /** Some came while nobody listened. */
  readonly hasGaps: boolean;
}

/** Of what is to be given up: which of it, and the plan that was made for that. */
export interface Purge {
  readonly olderThanDays: number;
  readonly user: UserName | null;
  readonly jobs: readonly JobId[];
  readonly plan: PurgePlan | null;
}

export interface Said {
  readonly text: string;
  readonly tone: Tone;
  readonly until: At;
}

export interface Choice {
  readonly name: string;
  readonly about: string;
}

export type Turn = readonly [Model, readonly Effect[]];

export type Dialog =
  /** The filter of the pane that is open: it acts while it is typed. */
  | {readonly is: 'filter'; readonly typed: string}
  | {
      readonly is: 'ask';
      readonly title: string;
      readonly about: readonly string[];
      readonly typed: string;
      /** To pick from by what is typed; null takes any words. */
      readonly choices: readonly Choice[] | null;
      readonly at: number;
      /** Why what was typed is not taken. */
      readonly trouble: string | null;
      /** Pure. A text is why it is not taken. */
      readonly answer: (typed: string, model: Model) => Turn | string;
    }
  | {
      readonly is: 'confirm';
      readonly title: string;
      readonly about: readonly string[];
      readonly deed: Deed;
      readonly label: string;
      /** What has to be typed; null where the button is enough. */
      readonly must: string | null;
      readonly typed: string;
      readonly onDeed: boolean;
    }
  | {readonly is: 'text'; readonly title: string; readonly text: readonly Line[]; readonly top: number};

/** What is to be changed, as calls one after another, and what is said when all went well. */
export interface Deed {
  readonly calls: readonly Call[];
  readonly done: string;
  /** How long each call may take, where that is long. */
  readonly answerMs?: number;
  /** What is to be asked again afterwards. */
  readonly refresh: readonly Subject[];
  /** What the answers come to on the screen. Pure. */
  readonly leadsTo?: (answers: readonly unknown[], model: Model) => Turn;
}

export type Effect =
  | {readonly is: 'do'; readonly deed: Deed}
  | {readonly is: 'refresh'; readonly of: readonly Subject[]}
  | {readonly is: 'load-jobs'}
  | {readonly is: 'square'; readonly title: string; readonly text: string; readonly about: readonly string[]}
  | {readonly is: 'start-daemon'}
  | {readonly is: 'shell'}
  | {readonly is: 'type'; readonly raw: string}
  | {readonly is: 'redraw'}
  | {readonly is: 'quit'};

export interface Model {
  readonly size: Size;
  readonly now: At;
  readonly zone: Zone;
  readonly isReadOnly: boolean;
  readonly theme: ThemeName;
  readonly hasShell: boolean;
  readonly link: Link;
  readonly screen: ScreenName;
  /** Where Esc leads, the last first. */
  readonly back: readonly ScreenName[];
  /** Which pane of each screen is open. */
  readonly panes: {readonly [S in ScreenName]?: number};
  /** By screen and pane. */
  readonly places: Readonly<Record<string, Place>>;
  readonly held: Held;
  readonly jobs: Jobs;
  readonly paces: ReadonlyMap<JobId, Pace>;
  readonly alerts: readonly Alert[];
  /** The job that is open. */
  readonly job: JobId | null;
  readonly log: Log | null;
  readonly trail: Trail;
  readonly purge: Purge;
  readonly dialog: Dialog | null;
  readonly said: Said | null;
  /** What the shell shows; null where there is none. */
  readonly shell: readonly Line[] | null;
}

export interface Key {
  /** `up`, `enter`, `C-c`, or the character. */
  readonly name: string;
  /** What it types; null for keys that type nothing. */
  readonly text: string | null;
  /** As it came. */
  readonly raw: string;
}

export type Message =
  | {readonly is: 'key'; readonly key: Key}
  | {readonly is: 'resized'; readonly size: Size}
  | {readonly is: 'tick'; readonly now: At}
  | {readonly is: 'heard'; readonly events: readonly BoxEvent[]; readonly now: At}
  | {readonly is: 'broken'; readonly trouble: ApiTrouble}
  | {
      readonly is: 'jobs';
      readonly jobs: readonly JobLine[];
      readonly begins: boolean;
      readonly more: boolean | null;
    }
  | {
      readonly is: 'log';
      readonly id: JobId;
      readonly events: readonly LogEvent[];
      /** What is held from before is among them again. */
      readonly begins: boolean;
    }
  | {readonly is: 'trail'; readonly events: readonly TrailEvent[]; readonly begins: boolean}
  | Answered
  | {readonly is: 'did'; readonly deed: Deed; readonly results: readonly Result<unknown, ApiTrouble>[]}
  | {
      readonly is: 'squared';
      readonly title: string;
      readonly code: readonly string[];
      readonly about: readonly string[];
    }
  /** Null when it has ended. */
  | {readonly is: 'shell'; readonly shown: readonly Line[] | null; readonly trouble?: string}
  | {readonly is: 'started'; readonly trouble: string | null};

export interface Beginning {
  readonly size: Size;
  readonly now: At;
  readonly zone: Zone;
  readonly isReadOnly: boolean;
  readonly theme: ThemeName;
  readonly hasShell: boolean;
  readonly screen: ScreenName;
}

export function opening(beginning: Beginning): Model {
  return {
    ...beginning,
    link: {is: 'opening'},
    back: [],
    panes: {},
    places: {},
    held: {},
    jobs: {byId: new Map(), items: [], is: 'loading', told: new Map()},
    paces: new Map(),
    alerts: [],
    job: null,
    log: null,
    trail: {entries: [], isHeard: false, hasGaps: false},
    purge: {olderThanDays: 0, user: null, jobs: [], plan: null},
    dialog: null,
    said: null,
    shell: null,
  };
}

/** For as long as a sentence takes to be read. */
const saidMs = 8_000;

export function saying(model: Model, text: string, tone: Tone = 'plain'): Model {
  return {...model, said: {text, tone, until: model.now + saidMs}};
}

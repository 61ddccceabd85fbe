/**
 * Owns what a page is: what it asks the box for, how that looks, and what an event makes of it. Drawn on the box for the first
 * look, and by the same functions in the browser from then on.
 */
import type {VNode} from 'preact';
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {BoxEvent} from '../../appliance/api/events.ts';
import type {Answered, Call} from './call.ts';
import type {Language} from './language.ts';

/** Where somebody is: the fields of the path, and what stands behind the question mark. */
export interface Place {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Null for whoever is not logged in. */
  readonly me: Me | null;
}

export interface Page<M extends object | null> {
  title(model: M, language: Language): string;
  load(call: Call, place: Place): Promise<Answered<M>>;
  View(props: {readonly model: M; readonly change: (model: M) => void}): VNode;
  /** The page after an event; `stale` where it has to be asked for again. Without it a page does not change by itself. */
  heard?(model: M, event: BoxEvent): M | 'stale';
}

/** A page that was asked for: what it knows goes through JSON to the browser. */
export interface Opened {
  readonly model: unknown;
  title(language: Language): string;
  draw(changed: (next: Opened) => void): VNode;
  readonly heard: ((event: BoxEvent) => Opened | 'stale') | null;
}

export interface AnyPage {
  open(call: Call, place: Place): Promise<Answered<Opened>>;
  /** From a model that the box wrote into the page. */
  revive(model: unknown): Opened;
}

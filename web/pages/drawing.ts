/** Owns the shape of drawing a page, for those who have it done and know nothing of how. Types alone. */
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {Problem} from '../../appliance/api/shapes.ts';
import type {Call} from './call.ts';
import type {Language} from './language.ts';
import type {PageName} from './pages.ts';

export interface Assets {
  readonly style: string;
  /** What every page runs, then what it will load at once. */
  readonly scripts: readonly string[];
}

export interface DrawAsk {
  readonly name: PageName;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: string;
  readonly me: Me | null;
  readonly language: Language;
  readonly call: Call;
  readonly assets: Assets;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Drawn = {readonly ok: true; readonly html: string} | {readonly ok: false; readonly why: Problem};

export type Draw = (ask: DrawAsk) => Promise<Drawn>;

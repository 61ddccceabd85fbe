/** Owns the shape of drawing a page, for those who have it done and know nothing of how. Types alone. */
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {Problem} from '../../appliance/api/shapes.ts';
import type {Call} from './call.ts';
import type {Language} from './language.ts';
import type {PageName} from './pages.ts';

/** What stands in the page itself, so that nothing has to be asked for before it answers. The same for all. */
export interface Assets {
  readonly style: string;
  readonly script: string;
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

/** Owns what every part of a page can count on: who looks at it, in which language, and how the box is asked. */
import {createContext} from 'preact';
import {useContext} from 'preact/hooks';
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {Problem} from '../../appliance/api/shapes.ts';
import type {Call} from './call.ts';
import type {InLanguages, Language} from './language.ts';

export interface Around {
  readonly me: Me | null;
  readonly language: Language;
  readonly call: Call;
  /** To another page. */
  readonly go: (href: string) => void;
  /** Asks for this page again. */
  readonly again: () => void;
  /** Says something to whoever looks; null takes it back. */
  readonly say: (said: Said | null) => void;
  /** What is known of whoever looks has changed: their language, their authenticator. */
  readonly became: (me: Me) => void;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Said =
  | {readonly is: 'done'; readonly text: string}
  | {readonly is: 'trouble'; readonly why: Problem};

const nobody = (): never => {
  throw new Error('a page has nobody around it');
};

export const AroundContext = createContext<Around>({
  ...{me: null, language: 'en', call: nobody, go: nobody, again: nobody, say: nobody, became: nobody, now: 0},
});

export const useAround = (): Around => useContext(AroundContext);

/** The words in the language of whoever looks. */
export function useWords<W>(words: InLanguages<W>): W {
  return words[useAround().language];
}

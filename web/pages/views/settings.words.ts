import {inLanguages} from '../language.ts';
import {en} from './settings/words.en.ts';
import {es} from './settings/words.es.ts';
import {ja} from './settings/words.ja.ts';

export const words = inLanguages({en, es, ja});

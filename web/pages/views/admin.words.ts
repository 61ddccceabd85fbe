import {inLanguages} from '../language.ts';
import {en} from './admin/words.en.ts';
import {es} from './admin/words.es.ts';
import {ja} from './admin/words.ja.ts';

export const words = inLanguages({en, es, ja});

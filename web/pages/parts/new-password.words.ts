import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {length: 'At least 12 characters; a few plain words do well.'},
  es: {length: 'Al menos 12 caracteres; unas cuantas palabras sencillas sirven.'},
  ja: {length: '12文字以上。やさしい単語をいくつか並べるとよいでしょう。'},
});

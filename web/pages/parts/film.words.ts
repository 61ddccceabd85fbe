import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {from: (time: string) => `from ${time}`},
  es: {from: (time: string) => `desde ${time}`},
  ja: {from: (time: string) => `${time}から`},
});

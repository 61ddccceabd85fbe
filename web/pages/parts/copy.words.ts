import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {copy: 'Copy', copied: 'Copied.'},
  es: {copy: 'Copiar', copied: 'Copiado.'},
  ja: {copy: 'コピー', copied: 'コピーしました。'},
});

import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {cancel: 'Cancel'},
  es: {cancel: 'Cancelar'},
  ja: {cancel: 'キャンセル'},
});

import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {
    device: 'Device',
    address: 'Address',
    compare: 'Does the other screen show this number?',
    care: 'Say yes only if that device is before you: it will be logged in as you.',
    approve: 'Yes, let it in',
    deny: 'No',
  },
  es: {
    device: 'Dispositivo',
    address: 'Dirección',
    compare: '¿La otra pantalla muestra este número?',
    care: 'Acepta solo si tienes ese dispositivo delante: entrará con tu cuenta.',
    approve: 'Sí, dejarlo entrar',
    deny: 'No',
  },
  ja: {
    device: '端末',
    address: 'アドレス',
    compare: 'もう一方の画面に同じ番号が出ていますか？',
    care: 'その端末が目の前にあるときだけ許可してください。あなたとしてログインします。',
    approve: 'はい、許可する',
    deny: 'いいえ',
  },
});

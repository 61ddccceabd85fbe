import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {
    title: 'Let a device in?',
    looking: 'Looking who asks…',
    none: 'Scan the square code on the device that wants to come in.',
    approved: 'It is let in, as you. In Settings you can end that login whenever you like.',
    denied: 'It was sent away.',
    home: 'To the films',
  },
  es: {
    title: '¿Dejar entrar un dispositivo?',
    looking: 'Comprobando quién pregunta…',
    none: 'Escanea el código QR del dispositivo que quiere entrar.',
    approved: 'Ha entrado con tu cuenta. En Ajustes puedes cerrar esa sesión cuando quieras.',
    denied: 'No se le ha dejado entrar.',
    home: 'Ir a los vídeos',
  },
  ja: {
    title: '端末のログインを許可しますか？',
    looking: '確認しています…',
    none: 'ログインしたい端末に表示されたQRコードを読み取ってください。',
    approved: 'あなたとしてログインしました。設定からいつでも終了できます。',
    denied: '拒否しました。',
    home: '動画へ',
  },
});

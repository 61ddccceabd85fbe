import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {
    heading: 'Songs, opening, ending',
    about:
      'Lines in here keep the sound of the film. A line that somebody changed by hand stays as they want it.',
    kind: (number: number) => `What ${number} is`,
    kinds: {music: 'Song', opening: 'Opening', ending: 'Ending'},
    begins: 'From (seconds)',
    ends: 'To (seconds)',
    beginsHere: 'Begins where the film is',
    endsHere: 'Ends where the film is',
    play: 'Play it',
    remove: 'Take out',
    add: 'Mark one from where the film is',
  },
  es: {
    heading: 'Canciones, inicio, final',
    about:
      'Aquí las líneas conservan el sonido del vídeo. La línea que alguien cambió a mano queda como la quiere.',
    kind: (number: number) => `Qué es el ${number}`,
    kinds: {music: 'Canción', opening: 'Inicio', ending: 'Final'},
    begins: 'Desde (segundos)',
    ends: 'Hasta (segundos)',
    beginsHere: 'Empieza donde está el vídeo',
    endsHere: 'Acaba donde está el vídeo',
    play: 'Reproducir',
    remove: 'Quitar',
    add: 'Marcar uno desde donde está el vídeo',
  },
  ja: {
    heading: '歌・オープニング・エンディング',
    about: 'この区間のセリフは元の音声のままになります。手で直したセリフはそのとおりに残ります。',
    kind: (number: number) => `${number}番の種類`,
    kinds: {music: '歌', opening: 'オープニング', ending: 'エンディング'},
    begins: '開始(秒)',
    ends: '終了(秒)',
    beginsHere: '今の位置から始まる',
    endsHere: '今の位置で終わる',
    play: '再生',
    remove: '取り除く',
    add: '今の位置から区間を作る',
  },
});

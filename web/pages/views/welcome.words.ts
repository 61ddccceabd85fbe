import {inLanguages} from '../language.ts';

export const words = inLanguages({
  en: {
    title: 'Welcome',
    hello: (name: string) => `Welcome, ${name}`,
    about: 'Three things before the first film. All of them can be changed later in the settings.',
    folder: 'A folder for films',
    folderAbout: 'Films can be brought here, or be put into this folder on the box itself:',
    folderHint: (folder: string) =>
      `A folder in it may say how its films are dubbed: ${folder} is into Spanish. What is done is told by a push.`,
    add: 'Bring the first film',
    home: 'Later',
  },
  es: {
    title: 'Te damos la bienvenida',
    hello: (name: string) => `Hola, ${name}`,
    about: 'Tres cosas antes del primer vídeo. Todo se puede cambiar después en los ajustes.',
    folder: 'Una carpeta para vídeos',
    folderAbout: 'Los vídeos se pueden añadir aquí o dejar en esta carpeta del propio servidor:',
    folderHint: (folder: string) =>
      `Una carpeta dentro de ella puede decir cómo se doblan sus vídeos: ${folder} es al español. Cuando esté listo, llega un aviso.`,
    add: 'Añadir el primer vídeo',
    home: 'Más tarde',
  },
  ja: {
    title: 'ようこそ',
    hello: (name: string) => `${name}さん、ようこそ`,
    about: '最初の動画の前に、三つだけ。どれもあとで設定から変えられます。',
    folder: '動画を入れるフォルダー',
    folderAbout: '動画はここから追加するか、サーバー上の次のフォルダーに入れてください。',
    folderHint: (folder: string) =>
      `その中のフォルダー名で吹き替え方を決められます。${folder} ならスペイン語です。完成すると通知が届きます。`,
    add: '最初の動画を追加',
    home: 'あとで',
  },
});

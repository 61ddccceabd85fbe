import {inLanguages} from '../../language.ts';

export const words = inLanguages({
  en: {
    engines: {
      title: 'Engines',
      asking: 'Asking each of them…',
      ready: 'works',
      missing: 'not here',
      pairs: 'Translates',
      none: 'nothing',
    },
    removed: {
      title: 'Removed',
      about:
        'What the box took away to keep its promises. The receipts, file by file, lie in its data folder.',
      none: 'Nothing so far.',
      gone: (count: number, size: string) => (count === 1 ? `1 file, ${size}` : `${count} files, ${size}`),
      left: (count: number) => (count === 1 ? '1 was left as it was' : `${count} were left as they were`),
      interrupted: 'interrupted',
      triggers: {schedule: 'by the clock', command: 'by command', 'low-disk': 'because the disk ran low'},
      kinds: {
        uploads: 'uploads',
        intermediates: 'what dubs are made of',
        outputs: 'dubs',
        logs: 'logs',
        deleted: 'deleted films',
        leftovers: 'leftovers',
      } as Readonly<Record<string, string>>,
    },
  },
  es: {
    engines: {
      title: 'Motores',
      asking: 'Preguntando a cada uno…',
      ready: 'funciona',
      missing: 'no está',
      pairs: 'Traduce',
      none: 'nada',
    },
    removed: {
      title: 'Eliminado',
      about:
        'Lo que el servidor ha quitado para cumplir lo prometido. Los recibos, archivo por archivo, están en su carpeta de datos.',
      none: 'Nada por ahora.',
      gone: (count: number, size: string) =>
        count === 1 ? `1 archivo, ${size}` : `${count} archivos, ${size}`,
      left: (count: number) => (count === 1 ? '1 quedó como estaba' : `${count} quedaron como estaban`),
      interrupted: 'interrumpido',
      triggers: {schedule: 'por plazo', command: 'por orden', 'low-disk': 'por falta de espacio'},
      kinds: {
        uploads: 'subidas',
        intermediates: 'material de doblaje',
        outputs: 'doblajes',
        logs: 'registros',
        deleted: 'vídeos borrados',
        leftovers: 'restos',
      },
    },
  },
  ja: {
    engines: {
      title: 'エンジン',
      asking: '問い合わせています…',
      ready: '動作中',
      missing: 'なし',
      pairs: '翻訳できる組',
      none: 'なし',
    },
    removed: {
      title: '削除の記録',
      about: '約束を守るためにサーバーが消したものです。ファイルごとの控えはデータフォルダーにあります。',
      none: 'まだありません。',
      gone: (count: number, size: string) => `${count}個のファイル、${size}`,
      left: (count: number) => `${count}個はそのまま残りました`,
      interrupted: '中断',
      triggers: {schedule: '期限により', command: '指示により', 'low-disk': '空き容量不足により'},
      kinds: {
        uploads: 'アップロード',
        intermediates: '吹き替えの素材',
        outputs: '吹き替え',
        logs: 'ログ',
        deleted: '消した動画',
        leftovers: '残り物',
      },
    },
  },
});

/** Owns what a failure is called in Japanese. */
import {bytesText, spanText} from '../format.ts';
import {
  amountOf,
  type FailureWords,
  type LimitWords,
  languageNamed,
  quoted,
  reasons,
} from './failure.terms.ts';

const retry = 'やり直してください。最後に終わった段階から続きます。';
const limits: LimitWords = {
  job: amount => [`吹き替えに${amount}以上かかりました。`, `${retry}JOB_HOURS_MAXで延ばせます。`],
  stage: (amount, node) => [
    `${node ?? '一つの段階'}に${amount}以上かかりました。`,
    `${retry}STAGE_MINUTES_MAXで延ばせます。`,
  ],
  silence: amount => [
    `${amount}のあいだ吹き替えから応答がありませんでした。`,
    `${retry}とても遅い機械ではJOB_HEARTBEAT_SECONDSで延ばせます。`,
  ],
  processor: amount => [
    `吹き替えがプロセッサを${amount}以上使いました。`,
    `${retry}JOB_HOURS_MAXで延ばせます。`,
  ],
  memory: amount => [
    `吹き替えに割り当てたメモリ${amount}では足りませんでした。`,
    '余裕があればJOB_MEMORY_MBで増やせます。プリセットfastなら少なくて済みます。',
  ],
  file: amount => [
    `吹き替えのファイルが${amount}を超えました。`,
    '動画を確認してください。実際よりずっと長いと記録されているかもしれません。',
  ],
};
export const words: FailureWords = {
  'no-such-file': ({path}) => [`ファイル${path}がありません。`, '動画をもう一度追加してください。'],
  'is-a-folder': ({path}) => [`${path}はフォルダーです。`, '中の動画を追加してください。'],
  'not-a-file': ({path}) => [`${path}は通常のファイルではありません。`, '動画を追加してください。'],
  unreadable: ({path, detail}) => [`${path}を読み取れません：${detail}`, 'アクセス権を確認してください。'],
  'empty-file': ({path}) => [
    `${path}は空です。`,
    'コピーが途中で切れたのかもしれません。もう一度追加してください。',
  ],
  'not-media': ({path, detail}) => [
    `${path}は読み取れる動画ではありません：${detail}`,
    'MP4、MKV、WebM、MOV、AVI、MPEG、TSを使えます。',
  ],
  playlist: ({path, format}) => [
    `${path}は動画ではなくプレイリスト（${format}）です。`,
    '動画そのものを追加してください。',
  ],
  truncated: ({path, detail}) => [
    `${path}は途中で切れているか壊れています：${detail}`,
    'コピーやダウンロードをやり直して、もう一度追加してください。',
  ],
  'no-video': ({path}) => [`${path}には映像がありません。`, '吹き替えられるのは映像のある動画だけです。'],
  'no-audio': ({path}) => [`${path}には音声がありません。`, '音のない動画は吹き替えられません。'],
  'no-duration': ({path}) => [
    `${path}には長さの情報がありません。`,
    '録画が終わっていないのかもしれません。保存し直してください。',
  ],
  'no-speech': ({path}) => [
    `${path}に話し声が見つかりませんでした。`,
    '実際に話しているなら、字幕を付けてもう一度追加してください。',
  ],
  'unsupported-pair': ({from, to, pairs}) => [
    `${languageNamed(from, 'ja')}から${languageNamed(to, 'ja')}への翻訳はこのサーバーではできません。`,
    `できる組み合わせ：${quoted(pairs) || 'なし'}。または翻訳済みの字幕を付けて追加してください。`,
  ],
  'same-language': ({language}) => [
    `動画はもともと${languageNamed(language, 'ja')}です。`,
    '別の言語を選ぶか、元の言語を指定してください。',
  ],
  'too-long': ({path, seconds, mostSeconds}) => [
    `${path}の長さは${spanText(seconds, 'ja')}です。上限は${spanText(mostSeconds, 'ja')}です。`,
    '分割するか、MAX_VIDEO_MINを上げてください。',
  ],
  'bad-subtitles': ({path, line, detail}) => [
    `${path}の${line}行目を読み取れません：${detail}`,
    'その行を直すか、字幕なしで音声認識に任せてください。',
  ],
  'disk-full': ({path, neededBytes, freeBytes, noInodes}) => [
    noInodes
      ? `${path}には空きがありますが、これ以上ファイルを作れません。`
      : `${path}の空きは${bytesText(freeBytes, 'ja')}で、この吹き替えには約${bytesText(neededBytes, 'ja')}必要です。`,
    '要らないものを削除してから、やり直してください。',
  ],
  'not-writable': ({path, detail}) => [`${path}に書き込めません：${detail}`, 'アクセス権を変えてください。'],
  'nothing-to-edit': ({path}) => [`${path}には編集できる吹き替えがありません。`, '先に吹き替えてください。'],
  'which-to-edit': ({path, titles}) => [
    `${path}には吹き替えが二つ以上あります。`,
    `次のとおりです：${quoted(titles)}`,
  ],
  'no-such-line': ({line, lines}) => [
    `${line}番のセリフはありません。この吹き替えは${lines}番までです。`,
    'ページを読み込み直してください。',
  ],
  'no-such-speaker': ({speaker, speakers}) => [
    `この吹き替えに${speaker}という話者はいません。`,
    `次から選んでください: ${speakers.join('、')}`,
  ],
  'no-such-voice': ({voice, voices}) => [
    `この吹き替えの言語に${voice}という声はありません。`,
    `次から選んでください: ${voices.join('、')}`,
  ],
  'engine-missing': failure => [
    `${failure.kind}に使えるエンジンがありません：${reasons(failure)}`,
    'サーバーの管理者にscripts/setupの実行を頼んでください。',
  ],
  'tool-failed': ({tool, stage, exit, stderr}) => [
    `${stage}で${tool}が失敗しました（${exit}）：${stderr}`,
    'やり直してください。終わった分は残っています。また失敗するなら、止まった箇所で動画が壊れているかもしれません。',
  ],
  'bad-output': ({path, detail}) => [
    `できあがった${path}が検査に通りませんでした：${detail}`,
    '何も置き換えていません。やり直してください。また失敗するなら、動画が壊れているかもしれません。',
  ],
  busy: ({path, pid}) => [`${path}はプロセス${pid}が処理中です。`, '終わるまで待ってください。'],
  'worker-lost': ({exit, stderr}) => [`吹き替えが応答なしに終わりました（${exit}）。${stderr}`, retry],
  limit: failure => limits[failure.limit](amountOf(failure, 'ja'), failure.node),
  'wire-broken': ({detail}) => [
    `吹き替えを中断しました（${detail}）。`,
    'やり直してください。また起きるなら、ジョブのログを添えて知らせてください。',
  ],
  stopped: () => ['停止しました。', retry],
  bug: ({detail}) => [`Dubstead自体の不具合です：${detail}`, 'ジョブのログを添えて知らせてください。'],
};

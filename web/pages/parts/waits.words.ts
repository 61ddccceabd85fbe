/** Owns what a reason to wait is called in each language, and what would change it. */
import type {Wait} from '../../../appliance/wait.ts';
import {agoText, bytesText} from '../format.ts';
import type {Language} from '../language.ts';

type Of<W> = Extract<Wait, {is: W}>;
type Words = {readonly [W in Wait['is']]: (wait: Of<W>, now: number) => string};

/** Undefined for a reason of a box that is newer than the page. */
export function waitText(wait: Wait, language: Language, now: number): string | undefined {
  // Each function is asked with the reason that it is for.
  const say = words[language][wait.is] as ((wait: Wait, now: number) => string) | undefined;
  return say?.(wait, now);
}

type Short = Of<'memory' | 'gpu' | 'low-disk'>;

/** True when running jobs hold what is short: it will do by itself. */
const isHeld = ({neededBytes, mostBytes}: Short): boolean => neededBytes <= mostBytes;
const needs = ({neededBytes}: Short, language: Language): string => bytesText(neededBytes, language);
const free = ({freeBytes}: Short, language: Language): string => bytesText(Math.max(0, freeBytes), language);

/** Rounded up to whole minutes, so that nobody looks too early. */
const when = (until: number, now: number, language: Language): string =>
  agoText(now + Math.max(60_000, Math.ceil((until - now) / 60_000) * 60_000), now, language);

const en: Words = {
  'queue-paused': () => 'The whole queue is paused.',
  draining: () => 'The box starts no more dubs before it is started again; this one keeps its place.',
  'folder-away': ({path}) => `${path} is not there, and the dub belongs in it. It starts once it is.`,
  resting: ({lost, until}, now) =>
    `The dub broke off ${lost === 1 ? 'once' : `${lost} times`}; it starts again ${when(until, now, 'en')}.`,
  'owner-cap': ({running, cap}) =>
    `Whose it is has ${running} running and may have ${cap}: it starts when one of them ends.`,
  behind: ({ahead, running}) =>
    ahead > 0
      ? `${ahead === 1 ? 'One goes' : `${ahead} go`} before it.`
      : running === 0
        ? 'It is the next to start.'
        : 'It is the next: it starts when one that runs ends.',
  processors: ({neededSlots, freeSlots, mostSlots}) =>
    `It needs ${neededSlots} processors and ${freeSlots} are free. ${
      neededSlots <= mostSlots
        ? 'It starts when one that runs ends.'
        : `This box has ${mostSlots} in all: choose another preset.`
    }`,
  memory: wait =>
    `It needs about ${needs(wait, 'en')} of memory and ${free(wait, 'en')} is free. ${
      isHeld(wait) ? 'It starts when one that runs ends.' : 'Even alone it would not have enough.'
    }`,
  gpu: wait =>
    `It needs about ${needs(wait, 'en')} of graphics memory and ${free(wait, 'en')} is free. ${
      isHeld(wait) ? 'It starts when one that uses the card ends.' : 'Choose another preset for it.'
    }`,
  'low-disk': wait =>
    `It needs about ${needs(wait, 'en')} of disk, and beyond the ${bytesText(wait.minimumBytes, 'en')} that stay free there is ${free(wait, 'en')}. ${
      isHeld(wait) ? 'It starts when those that run end.' : 'Delete what nobody needs any more.'
    }`,
};

const es: Words = {
  'queue-paused': () => 'Toda la cola está en pausa.',
  draining: () => 'El servidor no empieza más doblajes hasta que se reinicie; este conserva su lugar.',
  'folder-away': ({path}) => `${path} no está, y el doblaje va ahí. Empezará cuando esté.`,
  resting: ({lost, until}, now) =>
    `El doblaje se interrumpió ${lost === 1 ? 'una vez' : `${lost} veces`}; empieza otra vez ${when(until, now, 'es')}.`,
  'owner-cap': ({running, cap}) =>
    `Su dueño tiene ${running} en marcha y puede tener ${cap}: empieza cuando termine uno.`,
  behind: ({ahead, running}) =>
    ahead > 0
      ? `Hay ${ahead} delante.`
      : running === 0
        ? 'Es el siguiente en empezar.'
        : 'Es el siguiente: empieza cuando termine uno de los que están en marcha.',
  processors: ({neededSlots, freeSlots, mostSlots}) =>
    `Necesita ${neededSlots} procesadores y hay ${freeSlots} libres. ${
      neededSlots <= mostSlots
        ? 'Empieza cuando termine uno de los que están en marcha.'
        : `Este servidor tiene ${mostSlots} en total: elige otro ajuste.`
    }`,
  memory: wait =>
    `Necesita unos ${needs(wait, 'es')} de memoria y hay ${free(wait, 'es')} libres. ${
      isHeld(wait) ? 'Empieza cuando termine uno de los que están en marcha.' : 'Ni a solas tendría bastante.'
    }`,
  gpu: wait =>
    `Necesita unos ${needs(wait, 'es')} de memoria gráfica y hay ${free(wait, 'es')} libres. ${
      isHeld(wait) ? 'Empieza cuando termine uno que usa la tarjeta.' : 'Elige otro ajuste.'
    }`,
  'low-disk': wait =>
    `Necesita unos ${needs(wait, 'es')} de disco y, aparte de los ${bytesText(wait.minimumBytes, 'es')} que deben quedar libres, hay ${free(wait, 'es')}. ${
      isHeld(wait) ? 'Empieza cuando terminen los que están en marcha.' : 'Borra lo que ya nadie necesite.'
    }`,
};

const ja: Words = {
  'queue-paused': () => 'すべての順番待ちを一時停止しています。',
  draining: () => 'サーバーが再起動するまで新しい吹き替えは始まりません。順番はそのままです。',
  'folder-away': ({path}) => `保存先の${path}がありません。使えるようになると始まります。`,
  resting: ({lost, until}, now) =>
    `吹き替えが${lost}回中断しました。${when(until, now, 'ja')}にまた始まります。`,
  'owner-cap': ({running, cap}) =>
    `持ち主の分は${running}本が進行中で、上限は${cap}本です。どれかが終わると始まります。`,
  behind: ({ahead, running}) =>
    ahead > 0
      ? `前に${ahead}本あります。`
      : running === 0
        ? '次に始まります。'
        : '次の番です。進行中のものが終わると始まります。',
  processors: ({neededSlots, freeSlots, mostSlots}) =>
    `プロセッサが${neededSlots}個必要ですが、空きは${freeSlots}個です。${
      neededSlots <= mostSlots
        ? '進行中のものが終わると始まります。'
        : `このサーバーには全部で${mostSlots}個しかありません。別のプリセットを選んでください。`
    }`,
  memory: wait =>
    `メモリが約${needs(wait, 'ja')}必要ですが、空きは${free(wait, 'ja')}です。${
      isHeld(wait) ? '進行中のものが終わると始まります。' : '単独でも足りません。'
    }`,
  gpu: wait =>
    `グラフィックスメモリが約${needs(wait, 'ja')}必要ですが、空きは${free(wait, 'ja')}です。${
      isHeld(wait) ? 'カードを使っているものが終わると始まります。' : '別のプリセットを選んでください。'
    }`,
  'low-disk': wait =>
    `ディスクが約${needs(wait, 'ja')}必要ですが、残しておく${bytesText(wait.minimumBytes, 'ja')}のほかの空きは${free(wait, 'ja')}です。${
      isHeld(wait) ? '進行中のものが終わると始まります。' : '要らないものを削除してください。'
    }`,
};

const words: Readonly<Record<Language, Words>> = {en, es, ja};

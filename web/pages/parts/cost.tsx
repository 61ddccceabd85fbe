/** Owns what bringing films takes, before it begins: room on the box, and time, as past films took. */
import {useEffect, useState} from 'preact/hooks';
import type {Usage} from '../../../appliance/api/usage-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {bytesText, spanText} from '../format.ts';
import {words} from '../views/add.words.ts';

export interface CostParts {
  readonly usage: Usage;
  readonly count: number;
  readonly bytes: number;
  /** Those of this browser: how long the others are, the box has not said. */
  readonly films: readonly File[];
}

/** What a dub takes beside the film where nobody knows better: the film again, and a copy for the phone. */
const usualShare = 2;

export function Cost({usage, count, bytes, films}: CostParts) {
  const {language} = useAround();
  const text = useWords(words);
  const {sourceBytes, outputBytes, quotas, tempo} = usage;
  const {seconds, isAll} = useLength(films);
  const share = sourceBytes > 0 && outputBytes > 0 ? Math.min(4, outputBytes / sourceBytes) : usualShare;
  const used = sourceBytes + outputBytes;
  const all = bytes * (1 + share);
  const size = (amount: number): string => bytesText(amount, language);
  const most = quotas.keptBytes;
  const span = tempo === null || seconds === 0 ? null : spanText(roughly(seconds * tempo), language);
  return (
    <div class="cost">
      <p>
        {text.cost(count, size(bytes), size(bytes * share))}{' '}
        {most === null ? text.used(size(used)) : text.usedOf(size(used), size(most))}
      </p>
      {span !== null && <p>{isAll && films.length === count ? text.takes(span) : text.takesMore(span)}</p>}
      {tempo === null && <p class="quiet">{text.takesUnknown}</p>}
      {most !== null && used + all > most && (
        <p class="trouble" role="alert">
          {text.over(size(most))}
        </p>
      )}
    </div>
  );
}

/** A guess is not told to the second. */
function roughly(seconds: number): number {
  const step = seconds < 60 ? 10 : seconds < 600 ? 60 : 300;
  return Math.max(step, Math.round(seconds / step) * step);
}

const keyOf = ({name, size, lastModified}: File): string => `${name} ${size} ${lastModified}`;

/** How long they are together, as far as this browser can tell. */
function useLength(films: readonly File[]): {readonly seconds: number; readonly isAll: boolean} {
  const [lengths, setLengths] = useState<ReadonlyMap<string, number>>(new Map());
  const wanted = films.map(keyOf).join('\n');
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      for (const film of films) {
        if (isOver || lengths.has(keyOf(film))) continue;
        const seconds = await lengthOf(film);
        if (!isOver) setLengths(before => new Map(before).set(keyOf(film), seconds));
      }
    };
    void look();
    return () => {
      isOver = true;
    };
  }, [wanted]);
  const known = films.map(film => lengths.get(keyOf(film)) ?? 0);
  return {seconds: known.reduce((sum, each) => sum + each, 0), isAll: known.every(each => each > 0)};
}

const lookMs = 5000;

/** 0 where the browser does not know the form, or takes too long. */
function lengthOf(film: File): Promise<number> {
  const url = URL.createObjectURL(film);
  const video = document.createElement('video');
  return new Promise<number>(resolve => {
    setTimeout(() => resolve(0), lookMs);
    video.preload = 'metadata';
    video.onloadedmetadata = () => resolve(Number.isFinite(video.duration) ? video.duration : 0);
    video.onerror = () => resolve(0);
    video.src = url;
  }).finally(() => {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
  });
}

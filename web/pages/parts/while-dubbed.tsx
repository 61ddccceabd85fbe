/** Owns watching a film that is still being dubbed: asking for it, and saying how far it goes. Never plays it. */
import {useCallback, useEffect, useState} from 'preact/hooks';
import type {JobDetail, PreviewShown, VariantShown} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {clockText} from '../format.ts';
import {words} from '../views/watch.words.ts';
import {Icon} from './icon.tsx';

export interface GrowingFilm {
  /** What a player may play of it. */
  readonly variants: readonly VariantShown[];
  /** Null until somebody asks for it. */
  readonly preview: PreviewShown | null;
  readonly want: () => void;
}

const askEveryMs = 2000;
const none: readonly VariantShown[] = [];

/** Asks the box for it from time to time, once somebody wants it and while the job runs. */
export function useGrowing({id, state}: JobDetail): GrowingFilm {
  const {call} = useAround();
  const [isWanted, setWanted] = useState(false);
  const [preview, setPreview] = useState<PreviewShown | null>(null);
  const [variants, setVariants] = useState(none);
  const want = useCallback(() => setWanted(true), []);
  const isRunning = state.is === 'running';
  const url = preview?.url;
  const hasDub = preview !== null && preview.trouble === null && (preview.seconds ?? 0) > 0;
  useEffect(() => {
    if (!isWanted || !isRunning) return setPreview(null);
    let isOver = false;
    const ask = async (): Promise<void> => {
      const answer = await call('jobs.preview', {params: {id}});
      if (!isOver && answer.ok) setPreview(answer.value);
    };
    void ask();
    const timer = setInterval(() => void ask(), askEveryMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [id, isWanted, isRunning, call]);
  useEffect(() => {
    if (!hasDub || url === undefined) setVariants(none);
    else
      setVariants([
        {variant: 'hls', kind: 'growing', type: 'application/vnd.apple.mpegurl', bytes: null, url},
      ]);
  }, [hasDub, url]);
  return {variants, preview: isWanted && isRunning ? preview : null, want};
}

export function WhileDubbed({job, growing}: {readonly job: JobDetail; readonly growing: GrowingFilm}) {
  const text = useWords(words);
  const {preview, variants, want} = growing;
  if (job.state.is === 'deleted') return null;
  if (job.state.is !== 'running') return <p class="quiet">{text.notYet}</p>;
  if (preview === null)
    return (
      <button type="button" class="wide" onClick={want}>
        <Icon name="play" />
        {text.watchNow}
      </button>
    );
  if (preview.trouble !== null) return <p class="quiet">{text.notNow(preview.trouble)}</p>;
  return (
    <p class="quiet" role="status">
      {variants.length === 0 ? text.preparing : text.soFar(clockText(preview.seconds ?? 0))}
    </p>
  );
}

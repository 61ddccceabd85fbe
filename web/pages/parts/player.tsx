/**
 * Owns playing a film: the form it comes in, subtitles, speed, which sound, and where somebody left off. Never knows who may watch it:
 * the box says so with every piece.
 */
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import type {FileShown, VariantShown} from '../../../appliance/api/shapes.ts';
import type {JobId} from '../../../appliance/job.ts';
import {useAround, useWords} from '../around.tsx';
import {languageText} from '../format.ts';
import {words} from '../views/watch.words.ts';
import {Select} from './form.tsx';

export interface PlayerParts {
  readonly id: JobId;
  readonly name: string;
  /** The best for who asks comes first. */
  readonly variants: readonly VariantShown[];
  readonly files: readonly FileShown[];
  /** Seconds. */
  readonly startAt: number;
}

/** How often it is noted how far somebody is. */
const noteMs = 10_000;
const speeds = ['0.75', '1', '1.25', '1.5', '2'] as const;

export function Player({id, name, variants, files, startAt}: PlayerParts) {
  const {language} = useAround();
  const text = useWords(words);
  const video = useRef<HTMLVideoElement>(null);
  const [variant, setVariant] = useState(variants[0]?.variant ?? 'phone');
  const [speed, setSpeed] = useState('1');
  const [broken, setBroken] = useState(false);
  const broke = useCallback(() => setBroken(true), []);
  const sounds = useSource({video, variants, variant, startAt, broke});
  // One that still grows has no length of which somebody could have seen a part.
  useNotes(id, variants[0]?.kind === 'growing' ? null : video);
  useEffect(() => {
    if (video.current !== null) video.current.playbackRate = Number(speed);
  }, [speed, variant]);
  const texts = files.filter(({type}) => type.startsWith('text/vtt'));
  return (
    <div class="player">
      {/* biome-ignore lint/a11y/useMediaCaption: the tracks are those that there are */}
      <video
        ref={video}
        controls
        playsinline
        preload="metadata"
        poster={`/api/jobs/${id}/poster`}
        aria-label={name}
      >
        {texts.map(file => (
          <SubtitleTrack key={file.url} file={file} />
        ))}
      </video>
      {broken && (
        <p class="trouble" role="alert">
          {text.cannot} {text.cannotFix}
        </p>
      )}
      <div class="row controls">
        {sounds.names.length > 1 && (
          <Select
            label={text.sound}
            name="sound"
            value={String(sounds.chosen)}
            options={sounds.names.map((each, i) => [String(i), each])}
            onPick={value => sounds.choose(Number(value))}
          />
        )}
        <Select
          label={text.speed}
          name="speed"
          value={speed}
          options={speeds.map(each => [each, `${new Intl.NumberFormat(language).format(Number(each))}×`])}
          onPick={setSpeed}
        />
        {variants.length > 1 && (
          <Select
            label={text.form}
            name="form"
            value={variant}
            options={variants.map(each => [each.variant, text.forms[each.variant]])}
            onPick={value => setVariant(variants.find(each => each.variant === value)?.variant ?? variant)}
          />
        )}
      </div>
    </div>
  );
}

/** Its language stands before the ending: `film.es.vtt`. */
function SubtitleTrack({file: {url, name}}: {readonly file: FileShown}) {
  const {language} = useAround();
  const spoken = /\.([a-z]{2,3})\.vtt$/.exec(name)?.[1] ?? 'en';
  return <track kind="subtitles" src={url} srclang={spoken} label={languageText(spoken, language)} />;
}

interface SourceParts {
  readonly video: {readonly current: HTMLVideoElement | null};
  readonly variants: readonly VariantShown[];
  readonly variant: VariantShown['variant'];
  readonly startAt: number;
  readonly broke: () => void;
}

interface Sounds {
  readonly names: readonly string[];
  readonly chosen: number;
  readonly choose: (index: number) => void;
}

const nothing = {url: undefined, variant: undefined, kind: undefined};
const noSounds: Sounds = {names: [], chosen: 0, choose: () => {}};

/** Streamed films play by themselves on Apple's, and through hls.js elsewhere; that is fetched only then. */
function useSource({video, variants, variant, startAt, broke}: SourceParts): Sounds {
  const [sounds, setSounds] = useState<Sounds>(noSounds);
  const place = useRef(startAt);
  const isRunning = useRef(false);
  const {
    url,
    variant: form,
    kind,
  } = variants.find(each => each.variant === variant) ?? variants[0] ?? nothing;
  useEffect(() => {
    const element = video.current;
    if (element === null || url === undefined) return;
    const settle = (): void => {
      if (place.current > 0) element.currentTime = place.current;
      // What took the place of a film that was running goes on by itself.
      if (isRunning.current) void element.play().catch(() => {});
    };
    const remember = (): void => {
      place.current = element.currentTime;
    };
    element.addEventListener('loadedmetadata', settle, {once: true});
    element.addEventListener('timeupdate', remember);
    element.addEventListener('error', broke);
    const needsHelp = form === 'hls' && !playsByItself(element);
    let end = (): void => {};
    if (needsHelp) end = playStreamed(element, url, {startAt: place.current, setSounds, broke});
    else element.src = url;
    return () => {
      isRunning.current = !element.paused;
      element.removeEventListener('loadedmetadata', settle);
      element.removeEventListener('timeupdate', remember);
      element.removeEventListener('error', broke);
      end();
      element.removeAttribute('src');
      setSounds(noSounds);
    };
  }, [video, url, form, kind, broke]);
  return sounds;
}

/** Chromium says that it may, and fails at a film that still grows; Safari plays all of them. */
function playsByItself(element: HTMLVideoElement): boolean {
  return /Apple/.test(navigator.vendor) && element.canPlayType('application/vnd.apple.mpegurl') !== '';
}

interface Told {
  readonly startAt: number;
  readonly setSounds: (sounds: Sounds) => void;
  readonly broke: () => void;
}

function playStreamed(element: HTMLVideoElement, url: string, {startAt, setSounds, broke}: Told): () => void {
  let isOver = false;
  let end = (): void => {};
  void import('hls.js').then(({default: Hls}) => {
    if (isOver) return;
    if (!Hls.isSupported()) return broke();
    // A worker would have to be made of a blob, which the policy of the pages keeps from running.
    // One that still grows would begin at its end.
    const hls = new Hls({enableWorker: false, startPosition: startAt});
    end = () => hls.destroy();
    hls.on(Hls.Events.ERROR, (_, {fatal}) => {
      if (fatal) broke();
    });
    const tell = (): void => {
      const choose = (index: number): void => {
        hls.audioTrack = index;
      };
      setSounds({names: hls.audioTracks.map(({name}) => name), chosen: Math.max(0, hls.audioTrack), choose});
    };
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, tell);
    hls.on(Hls.Events.AUDIO_TRACK_SWITCHED, tell);
    hls.loadSource(url);
    hls.attachMedia(element);
  });
  return () => {
    isOver = true;
    end();
  };
}

/** How far somebody is, from time to time and when they leave. */
function useNotes(id: JobId, video: {readonly current: HTMLVideoElement | null} | null): void {
  const {call} = useAround();
  useEffect(() => {
    const element = video?.current;
    if (element == null) return;
    let told = -1;
    const note = (): void => {
      const {currentTime: seconds, duration} = element;
      if (!Number.isFinite(duration) || duration <= 0 || Math.abs(seconds - told) < 1 || seconds < 1) return;
      told = seconds;
      // How far somebody is does not matter enough to tell them that it was not noted.
      void call('jobs.watched', {params: {id}, body: {seconds, duration}});
    };
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') note();
    };
    const timer = setInterval(() => {
      if (!element.paused) note();
    }, noteMs);
    element.addEventListener('pause', note);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      note();
      clearInterval(timer);
      element.removeEventListener('pause', note);
      document.removeEventListener('visibilitychange', hidden);
    };
  }, [id, video, call]);
}

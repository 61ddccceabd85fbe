/**
 * Owns hearing what happens on the box: as an event stream, and where a proxy keeps that back, by asking every few seconds. A page that
 * nobody looks at listens to nothing: a browser has few connections to one box, and a phone one battery. Never knows what an event means.
 */
import type {BoxEvent} from '../../appliance/api/events.ts';

/** The first event comes at once; a proxy that gathers what it is sent shows by this. */
const patienceMs = 4_000;
const askMs = 5_000;

type Hear = (event: BoxEvent) => void;

export function follow(hear: Hear): () => void {
  let end = document.hidden ? null : listen(hear);
  const turn = (): void => {
    if (document.hidden) {
      end?.();
      end = null;
    } else if (end === null) {
      // What happened meanwhile was not heard.
      hear({is: 'reset', why: 'too-old'});
      end = listen(hear);
    }
  };
  document.addEventListener('visibilitychange', turn);
  return () => {
    document.removeEventListener('visibilitychange', turn);
    end?.();
  };
}

function listen(hear: Hear): () => void {
  const stream = new EventSource('/api/jobs/events');
  let asking: ReturnType<typeof setInterval> | undefined;
  let isFirst = true;
  const ask = (): void => hear({is: 'reset', why: 'too-old'});
  const late = setTimeout(() => {
    asking = setInterval(ask, askMs);
  }, patienceMs);
  stream.addEventListener('message', ({data}) => {
    clearTimeout(late);
    clearInterval(asking);
    const event: BoxEvent = JSON.parse(data);
    // The page was drawn a moment ago: the stream's own beginning is no news.
    if (!(isFirst && event.is === 'reset')) hear(event);
    isFirst = false;
  });
  return () => {
    clearTimeout(late);
    clearInterval(asking);
    stream.close();
  };
}

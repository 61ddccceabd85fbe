/**
 * Owns hearing what happens on the box: as an event stream, and where a proxy keeps that back, by asking every few seconds. Never
 * knows what an event means.
 */
import type {BoxEvent} from '../../appliance/api/events.ts';

/** The first event comes at once; a proxy that gathers what it is sent shows by this. */
const patienceMs = 4_000;
const askMs = 5_000;

export function follow(hear: (event: BoxEvent) => void): () => void {
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

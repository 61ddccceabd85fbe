/** Owns the section of what is left as it is: songs, the opening, the ending, by their times. Never saves it. */
import type {Passage} from '../../../appliance/passages.ts';
import {useWords} from '../around.tsx';
import {clockText} from '../format.ts';
import {rounded} from '../lines.ts';
import {Fold} from './fold.tsx';
import {Select} from './form.tsx';
import {Time} from './line-editor.tsx';
import {words} from './passages.words.ts';

export interface PassagesParts {
  readonly list: readonly Passage[];
  /** Somebody changed it, and has not saved it. */
  readonly isDraft: boolean;
  /** Seconds of the film. */
  readonly duration: number;
  /** Where the player is. */
  readonly now: () => number;
  readonly change: (list: readonly Passage[]) => void;
  readonly play: (from: number, to: number) => void;
}

const kinds = ['music', 'opening', 'ending'] as const;
/** A song is longer, and its end is soon found; no passage is shorter than what it begins with. */
const usualSeconds = 30;
const shortest = 0.2;

export function Passages({list, isDraft, duration, now, change, play}: PassagesParts) {
  const text = useWords(words);
  const add = (): void => {
    const start = rounded(Math.max(0, Math.min(now(), duration - shortest)));
    const fresh: Passage = {kind: 'music', start, end: rounded(Math.min(duration, start + usualSeconds))};
    change([...list, fresh]);
  };
  const put = (index: number, some: Partial<Passage>): void =>
    change(list.map((each, i) => (i === index ? {...each, ...some} : each)));
  return (
    <Fold
      id="passages"
      title={text.heading}
      note={list.map(({kind, start}) => `${text.kinds[kind]} ${clockText(start)}`).join(', ')}
    >
      <p class="quiet">{text.about}</p>
      <ul class="speakers">
        {list.map((passage, index) => (
          <li key={index} class={isDraft ? 'draft' : undefined}>
            <Select
              label={text.kind(index + 1)}
              name={`kind-${index}`}
              value={passage.kind}
              options={kinds.map(kind => [kind, text.kinds[kind]])}
              onPick={picked => put(index, {kind: kinds.find(kind => kind === picked) ?? 'music'})}
            />
            <div class="times">
              <Time
                label={text.begins}
                value={passage.start}
                least={0}
                most={passage.end - shortest}
                set={start => put(index, {start})}
              />
              <Time
                label={text.ends}
                value={passage.end}
                least={passage.start + shortest}
                most={duration}
                set={end => put(index, {end})}
              />
            </div>
            <div class="row">
              <button
                type="button"
                onClick={() => put(index, {start: rounded(Math.min(now(), passage.end - shortest))})}
              >
                {text.beginsHere}
              </button>
              <button
                type="button"
                onClick={() => put(index, {end: rounded(Math.max(now(), passage.start + shortest))})}
              >
                {text.endsHere}
              </button>
              <button type="button" onClick={() => play(passage.start, passage.end)}>
                {text.play}
              </button>
              <button type="button" class="plain" onClick={() => change(list.toSpliced(index, 1))}>
                {text.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
      <button type="button" onClick={add}>
        {text.add}
      </button>
    </Fold>
  );
}

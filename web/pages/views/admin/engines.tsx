/** Owns the engines of the box as its admins see them: which work, why others do not, and the languages they know. */
import {useState} from 'preact/hooks';
import type {EnginesShown} from '../../../../appliance/api/room-rows.ts';
import {useAround, useWords} from '../../around.tsx';
import {Fold} from '../../parts/fold.tsx';
import {words} from './room.words.ts';

export function Engines() {
  const {call, say} = useAround();
  const text = useWords(words).engines;
  const [shown, show] = useState<EnginesShown | null>(null);
  const look = async (): Promise<void> => {
    const answer = await call('engines.list', {});
    if (answer.ok) show(answer.value);
    else say({is: 'trouble', why: answer.why});
  };
  return (
    <Fold id="engines" title={text.title} onOpen={() => void look()}>
      {shown === null && <p class="quiet">{text.asking}</p>}
      <ul class="lines">
        {shown?.engines.map(({name, kind, about, ready, detail}) => (
          <li key={`${kind} ${name}`}>
            <span>
              <strong>{name}</strong>{' '}
              <span class={ready ? 'tag' : 'tag bad'}>{ready ? text.ready : text.missing}</span>
            </span>
            <small>{about}</small>
            <small dir="auto">{detail}</small>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <p>
          {text.pairs}: {shown.pairs.join(', ') || text.none}
        </p>
      )}
    </Fold>
  );
}

/** Owns what the box has removed by itself or when it was told to, newest first: the receipts, without names of files. */
import {useState} from 'preact/hooks';
import type {ReceiptShown} from '../../../../appliance/api/room-rows.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText, bytesText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {words} from './room.words.ts';

export function Removed() {
  const {call, say} = useAround();
  const text = useWords(words).removed;
  const [receipts, show] = useState<readonly ReceiptShown[] | null>(null);
  const look = async (): Promise<void> => {
    const answer = await call('receipts.list', {query: {limit: 50}});
    if (answer.ok) show(answer.value.receipts);
    else say({is: 'trouble', why: answer.why});
  };
  return (
    <Fold id="removed" title={text.title} onOpen={() => void look()}>
      <p class="quiet">{text.about}</p>
      {receipts?.length === 0 && <p>{text.none}</p>}
      <ul class="lines">
        {receipts?.map(receipt => (
          <Line key={receipt.id} receipt={receipt} />
        ))}
      </ul>
    </Fold>
  );
}

function Line({receipt: {at, trigger, state, files, bytes, left, kinds}}: {readonly receipt: ReceiptShown}) {
  const {language, now} = useAround();
  const text = useWords(words).removed;
  const named = Object.entries(kinds).map(([kind, count]) => `${text.kinds[kind] ?? kind}: ${count}`);
  return (
    <li>
      <span>
        {text.gone(files, bytesText(bytes, language))}{' '}
        {state === 'interrupted' && <span class="tag bad">{text.interrupted}</span>}
      </span>
      {named.length > 0 && <small>{named.join(' · ')}</small>}
      {left > 0 && <small>{text.left(left)}</small>}
      <small>
        {text.triggers[trigger]} ·{' '}
        <time dateTime={new Date(at).toISOString()}>{agoText(at, now, language)}</time>
      </small>
    </li>
  );
}

/** Owns the inbox as its admins see it: what lies there and why it waits, what was refused, looking now. */
import {useEffect, useState} from 'preact/hooks';
import type {InboxSummary, Inbox as Whole} from '../../../../appliance/api/status.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText, bytesText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {words} from '../admin.words.ts';

export function Inbox({inbox}: {readonly inbox: InboxSummary}) {
  const {call, say, language, now} = useAround();
  const text = useWords(words).inbox;
  const [isOpen, setOpen] = useState(false);
  const [whole, setWhole] = useState<Whole | null>(null);
  // What is known of it has changed: so have its files.
  const mark = JSON.stringify(inbox);
  useEffect(() => {
    if (!isOpen) return;
    let isGone = false;
    void call('inbox.get', {}).then(answer => {
      if (answer.ok && !isGone) setWhole(answer.value);
    });
    return () => {
      isGone = true;
    };
  }, [isOpen, mark, call]);
  const look = async (): Promise<void> => {
    const answer = await call('inbox.rescan', {});
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    setWhole(answer.value);
    say({is: 'done', text: text.looked});
  };
  const {state, folder, settling, held, refused} = inbox;
  return (
    <Fold
      id="inbox"
      title={text.title}
      note={state.is === 'offline' ? text.states.offline : text.count(settling + held, refused)}
      onOpen={() => setOpen(true)}
    >
      <p>
        <code>{folder}</code>
      </p>
      <p class={state.is === 'offline' ? 'bad' : ''}>
        {text.states[state.is]}
        {state.is !== 'watching' && `: ${state.why}`}
      </p>
      <button type="button" onClick={() => void look()}>
        {text.look}
      </button>
      {whole !== null && whole.files.length > 0 && (
        <ul class="lines">
          {whole.files.map(({name, owner, bytes, since, held: why}) => (
            <li key={name}>
              <span dir="auto">{name}</span>
              <small>
                {owner ?? text.nobody} · {bytesText(bytes, language)} · {agoText(since, now, language)}
              </small>
              <small>{why ?? text.settling}</small>
            </li>
          ))}
        </ul>
      )}
      {whole !== null && whole.lastRefused.length > 0 && (
        <>
          <h3>{text.refused}</h3>
          <ul class="lines">
            {whole.lastRefused.map(({name, at, what, fix}) => (
              <li key={`${name} ${at}`}>
                <span dir="auto">{name}</span>
                <span class="bad">{what}</span>
                <small>
                  {fix} · {agoText(at, now, language)}
                </small>
              </li>
            ))}
          </ul>
        </>
      )}
    </Fold>
  );
}

/** Owns one's own pushes: whether, where to, one to try out, and how a phone gets them. */
import {useState} from 'preact/hooks';
import type {Me} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Field, Form} from '../../parts/form.tsx';
import {words} from '../settings.words.ts';
import {usePrefer} from './prefer.ts';

export function Pushes({me, isOpen = false}: {readonly me: Me; readonly isOpen?: boolean}) {
  const {call, say} = useAround();
  const text = useWords(words).pushes;
  const prefer = usePrefer();
  const {push} = me.preferences;
  const [isBusy, setBusy] = useState(false);
  const turn = (on: boolean) => prefer(before => ({push: {...before.push, on}}));
  const tryOut = async (): Promise<void> => {
    setBusy(true);
    const answer = await call('push.test', {});
    setBusy(false);
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    const {why} = answer.value;
    say(why === null ? {is: 'done', text: text.sent} : {is: 'trouble', why: notTaken(why, text.notSent)});
  };
  return (
    <Fold id="pushes" title={text.title} note={push.on ? text.isOn : text.isOff} isOpen={isOpen}>
      <label class="check">
        <input type="checkbox" checked={push.on} onChange={event => void turn(event.currentTarget.checked)} />
        {text.on}
      </label>
      <Form
        label={text.save}
        send={async typed => {
          const topic = typed('topic').trim();
          return prefer(before => ({push: {...before.push, topic: topic === '' ? null : topic}}));
        }}
      >
        <Field
          label={text.topic}
          hint={text.topicHint}
          name="topic"
          value={push.topic ?? ''}
          autocomplete="off"
          pattern="[\-_A-Za-z0-9]*"
          maxLength={64}
          isExact
        />
      </Form>
      <p>
        <button type="button" disabled={isBusy} onClick={() => void tryOut()}>
          {text.tryOut}
        </button>
      </p>
      <ol class="steps">
        {text.steps.map(step => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </Fold>
  );
}

const notTaken = (what: string, fix: string): Problem => ({code: 'not-taken', what, fix});

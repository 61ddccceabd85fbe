/** Owns one's own keys for scripts: making one, whose text is shown once, and ending one. */
import {useState} from 'preact/hooks';
import type {KeyShown, Me} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText} from '../../format.ts';
import {Copy} from '../../parts/copy.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Field, Form, Select} from '../../parts/form.tsx';
import {SureButton} from '../../parts/sure.tsx';
import {words} from '../settings.words.ts';

type Scope = KeyShown['scopes'][number];

/** Those that do something, and for whom: others come with what they are for. */
const scopes: readonly (readonly [
  scope: 'read:job' | 'submit:job' | 'library:manage' | 'audit:read' | 'keys:manage' | 'admin:*',
  roles: readonly Me['role'][],
])[] = [
  ['read:job', ['viewer', 'operator', 'admin']],
  ['submit:job', ['operator', 'admin']],
  ['library:manage', ['operator', 'admin']],
  ['audit:read', ['viewer', 'operator', 'admin']],
  ['keys:manage', ['viewer', 'operator', 'admin']],
  ['admin:*', ['admin']],
];
const days = ['30', '90', '365', ''] as const;
const dayMs = 86_400_000;

export function Keys({keys, me}: {readonly keys: readonly KeyShown[]; readonly me: Me}) {
  const {call, again, now} = useAround();
  const text = useWords(words).keys;
  const [made, setMade] = useState<string | null>(null);
  const living = keys.filter(({revoked, expires}) => revoked === null && (expires === null || expires > now));
  const make = async (form: HTMLFormElement, name: string, lasts: string): Promise<Problem | null> => {
    // Each is one of those that the form offers.
    const picked = new FormData(form).getAll('scope') as Scope[];
    if (picked.length === 0) return {code: 'no-scope', what: text.noScope, fix: text.pick};
    const expires = lasts === '' ? null : Date.now() + Number(lasts) * dayMs;
    const answer = await call('keys.make', {body: {name, scopes: picked, expires}});
    if (!answer.ok) return answer.why;
    setMade(answer.value.text);
    form.reset();
    again();
    return null;
  };
  return (
    <Fold id="keys" title={text.title} note={String(living.length)}>
      <p class="quiet">{text.about}</p>
      {living.length > 0 && (
        <ul class="lines">
          {living.map(key => (
            <KeyLine key={key.id} line={key} />
          ))}
        </ul>
      )}
      {made !== null && (
        <div class="card">
          <p role="status">{text.once}</p>
          <Copy label={text.text} text={made} />
          <button type="button" onClick={() => setMade(null)}>
            {text.kept}
          </button>
        </div>
      )}
      <h3>{text.make}</h3>
      <Form label={text.make} send={async (typed, form) => make(form, typed('name').trim(), typed('days'))}>
        <Field
          label={text.name}
          hint={text.nameHint}
          name="name"
          maxLength={80}
          required
          autocomplete="off"
        />
        <fieldset>
          <legend>{text.scopes}</legend>
          {scopes
            .filter(([, roles]) => roles.includes(me.role))
            .map(([scope]) => (
              <label key={scope} class="check">
                <input type="checkbox" name="scope" value={scope} />
                <span>
                  {text.scopeNames[scope]} <small>{scope}</small>
                </span>
              </label>
            ))}
        </fieldset>
        <Select
          label={text.expires}
          name="days"
          value="90"
          options={days.map(each => [each, each === '' ? text.never : text.days(Number(each))] as const)}
        />
      </Form>
    </Fold>
  );
}

function KeyLine({line: {id, name, scopes: held, expires, lastUsed}}: {readonly line: KeyShown}) {
  const {call, again, language, now} = useAround();
  const text = useWords(words).keys;
  const revoke = async (): Promise<Problem | null> => {
    const answer = await call('keys.revoke', {params: {key: id}});
    if (!answer.ok) return answer.why;
    again();
    return null;
  };
  const used = lastUsed === null ? text.unused : text.used(agoText(lastUsed, now, language));
  const ends = expires === null ? text.never : text.ends(agoText(expires, now, language));
  return (
    <li class="row between">
      <p>
        <strong dir="auto">{name}</strong>
        <br />
        <small>
          {held.join(', ')} · {used} · {ends}
        </small>
      </p>
      <SureButton act={text.revoke} about={<strong dir="auto">{name}</strong>} go={revoke} isQuiet />
    </li>
  );
}

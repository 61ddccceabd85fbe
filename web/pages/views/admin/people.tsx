/** Owns the people of the box: who there is, inviting more, and each one's role, quotas, logins and end. */
import {useState} from 'preact/hooks';
import type {CodeShown, UserShown} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import type {UserName} from '../../../../appliance/job.ts';
import {useAround, useWords} from '../../around.tsx';
import type {Answered} from '../../call.ts';
import {agoText} from '../../format.ts';
import {Copy} from '../../parts/copy.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Field, Form, Select} from '../../parts/form.tsx';
import {Square} from '../../parts/square.tsx';
import {SureButton} from '../../parts/sure.tsx';
import {words} from '../admin.words.ts';
import {Logins} from './logins.tsx';
import {QuotasForm} from './quotas.tsx';

type Role = UserShown['role'];
const roles = ['viewer', 'operator', 'admin'] as const;
const days = ['1', '7', '30'] as const;

export function People({users}: {readonly users: readonly UserShown[]}) {
  const text = useWords(words).people;
  return (
    <Fold id="people" title={text.title} note={String(users.length)}>
      <div class="people">
        {users.map(user => (
          <Person key={user.name} user={user} />
        ))}
      </div>
      <Invite />
    </Fold>
  );
}

function Invite() {
  const {call} = useAround();
  const text = useWords(words).people;
  const [made, setMade] = useState<CodeShown | null>(null);
  return (
    <>
      <h3>{text.invite}</h3>
      <Form
        label={text.makeLink}
        send={async typed => {
          const name = typed('name').trim();
          const role = roleOf(typed('role'));
          // What cannot be a name is told so by the box.
          const body = {role, days: Number(typed('days')), name: name === '' ? null : (name as UserName)};
          const answer = await call('users.invite', {body});
          if (!answer.ok) return answer.why;
          setMade(answer.value);
          return null;
        }}
      >
        <RoleSelect now="operator" />
        <Field label={text.name} hint={text.nameHint} name="name" autocomplete="off" isExact maxLength={32} />
        <Select
          label={text.lasts}
          name="days"
          value="7"
          options={days.map(each => [each, text.days(Number(each))] as const)}
        />
      </Form>
      {made !== null && <Code code={made} about={text.link} done={() => setMade(null)} />}
    </>
  );
}

const roleOf = (text: string): Role => roles.find(each => each === text) ?? 'viewer';

function RoleSelect({now}: {readonly now: Role}) {
  const text = useWords(words).people;
  return (
    <Select
      label={text.role}
      name="role"
      value={now}
      options={roles.map(each => [each, text.roles[each]] as const)}
    />
  );
}

interface CodeParts {
  readonly code: CodeShown;
  readonly about: string;
  readonly done: () => void;
}

/** A link that lets somebody in: shown once. */
function Code({code: {url, expires}, about, done}: CodeParts) {
  const {language, now} = useAround();
  const text = useWords(words).people;
  return (
    <div class="card">
      <p role="status">
        {about} {text.ends(agoText(expires, now, language))}
      </p>
      <Copy label={text.address} text={url} />
      <Square text={url} label={text.square} />
      <button type="button" onClick={done}>
        {text.kept}
      </button>
    </div>
  );
}

function Person({user}: {readonly user: UserShown}) {
  const {language, now} = useAround();
  const text = useWords(words).people;
  const {name, role, disabled, hasPassword, totp, lastSeen} = user;
  const seen = lastSeen === null ? text.neverSeen : text.seen(agoText(lastSeen, now, language));
  return (
    <details class="person">
      <summary>
        <span>{name}</span>
        <span class="tag">{text.roles[role]}</span>
        {disabled && <span class="tag bad">{text.isDisabled}</span>}
        {!hasPassword && <span class="tag">{text.invited}</span>}
        {totp && <span class="tag">{text.totp}</span>}
        <small>{seen}</small>
      </summary>
      <div class="inner">
        <PersonForms user={user} />
      </div>
    </details>
  );
}

function PersonForms({user}: {readonly user: UserShown}) {
  const {call, again, say} = useAround();
  const text = useWords(words).people;
  const [code, setCode] = useState<CodeShown | null>(null);
  const about = {params: {name: user.name}};
  /** Asks for the list again where it went well. */
  const after = (answer: Answered<unknown>): Problem | null => {
    if (!answer.ok) return answer.why;
    say({is: 'done', text: text.saved});
    again();
    return null;
  };
  const reset = async (): Promise<Problem | null> => {
    const answer = await call('users.reset', about);
    if (!answer.ok) return answer.why;
    setCode(answer.value);
    return null;
  };
  const {name, disabled, role} = user;
  return (
    <>
      <Form
        label={text.setRole}
        send={async typed =>
          after(await call('users.change', {...about, body: {role: roleOf(typed('role'))}}))
        }
      >
        <RoleSelect now={role} />
      </Form>
      {code !== null && <Code code={code} about={text.resetLink} done={() => setCode(null)} />}
      <div class="row">
        <SureButton act={text.reset} about={text.resetSure(name)} go={reset} isHarmless />
        <SureButton
          act={disabled ? text.enable : text.disable}
          about={disabled ? text.enableSure(name) : text.disableSure(name)}
          go={async () => after(await call('users.change', {...about, body: {disabled: !disabled}}))}
          isHarmless={disabled}
        />
        <SureButton
          act={text.remove}
          about={text.removeSure(name)}
          go={async () => after(await call('users.remove', about))}
        />
      </div>
      <QuotasForm user={user} after={after} />
      <Logins user={name} />
    </>
  );
}

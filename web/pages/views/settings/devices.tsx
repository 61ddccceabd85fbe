/** Owns one's own logins: which devices, from where, since when, and ending them. */
import type {SessionShown} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {SureButton} from '../../parts/sure.tsx';
import {words} from '../settings.words.ts';

export function Devices({sessions}: {readonly sessions: readonly SessionShown[]}) {
  const {call, again, say} = useAround();
  const text = useWords(words).devices;
  const end = async (session: SessionShown['id']): Promise<Problem | null> => {
    const answer = await call('auth.revoke', {params: {session}});
    if (!answer.ok) return answer.why;
    again();
    return null;
  };
  const endOthers = async (): Promise<Problem | null> => {
    const answer = await call('auth.revoke_all', {});
    if (!answer.ok) return answer.why;
    say({is: 'done', text: text.ended(answer.value.ended)});
    again();
    return null;
  };
  const mine = sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastSeen - a.lastSeen);
  return (
    <Fold id="devices" title={text.title} note={String(sessions.length)}>
      <ul class="lines">
        {mine.map(session => (
          <SessionLine
            key={session.id}
            session={session}
            end={session.current ? null : () => end(session.id)}
          />
        ))}
      </ul>
      {sessions.length > 1 && <SureButton act={text.endOthers} about={text.sure} go={endOthers} />}
    </Fold>
  );
}

export interface SessionLineParts {
  readonly session: SessionShown;
  /** Null where it is not ended from here. */
  readonly end: (() => Promise<Problem | null>) | null;
}

/** Also where an admin looks at the logins of all. */
export function SessionLine({session, end}: SessionLineParts) {
  const text = useWords(words).devices;
  const about = <SessionText session={session} />;
  return (
    <li class="row between">
      {about}
      {end !== null && <SureButton act={text.end} about={about} go={end} isQuiet />}
    </li>
  );
}

function SessionText({session}: {readonly session: SessionShown}) {
  const {language, now} = useAround();
  const text = useWords(words).devices;
  const {device, how, current, firstAddress, lastAddress, lastSeen, created} = session;
  const where = firstAddress === lastAddress ? lastAddress : `${firstAddress} → ${lastAddress}`;
  return (
    <p>
      <strong dir="auto">{device}</strong> {current && <span class="tag">{text.current}</span>}
      <br />
      <small>
        {where} · {text.seen(agoText(lastSeen, now, language))} · {text.hows[how]}{' '}
        {agoText(created, now, language)}
      </small>
    </p>
  );
}

/** Owns the logins of one person as an admin sees them: asked for when they are wanted, because the look is written down. */
import {useState} from 'preact/hooks';
import type {SessionShown} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import type {UserName} from '../../../../appliance/job.ts';
import {useAround, useWords} from '../../around.tsx';
import {words} from '../admin.words.ts';
import {SessionLine} from '../settings/devices.tsx';

export function Logins({user}: {readonly user: UserName}) {
  const {call, say} = useAround();
  const text = useWords(words).logins;
  const [sessions, setSessions] = useState<readonly SessionShown[] | null>(null);
  const look = async (): Promise<void> => {
    const answer = await call('sessions.list', {query: {user}});
    if (answer.ok) setSessions(answer.value.sessions);
    else say({is: 'trouble', why: answer.why});
  };
  const end = async (session: SessionShown['id']): Promise<Problem | null> => {
    const answer = await call('sessions.revoke', {params: {session}});
    if (!answer.ok) return answer.why;
    await look();
    return null;
  };
  return (
    <details class="fold" onToggle={event => void (event.currentTarget.open && look())}>
      <summary>{text.title}</summary>
      {sessions?.length === 0 && <p>{text.none}</p>}
      <ul class="lines">
        {sessions?.map(session => (
          <SessionLine key={session.id} session={session} end={() => end(session.id)} />
        ))}
      </ul>
    </details>
  );
}

/** Owns what was done on the box, newest first: asked for when it is wanted, because the look is written down too. */
import {useState} from 'preact/hooks';
import type {z} from 'zod';
import type {TrailPage} from '../../../../appliance/api/trail-rows.ts';
import type {UserName} from '../../../../appliance/job.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {Select} from '../../parts/form.tsx';
import {words} from '../admin.words.ts';

type Entry = z.infer<typeof TrailPage>['entries'][number];

interface Shown {
  readonly entries: readonly Entry[];
  readonly next: number | null;
}

const pageSize = 50;

export function Audit({names}: {readonly names: readonly UserName[]}) {
  const {call, say} = useAround();
  const text = useWords(words).audit;
  const [user, setUser] = useState('');
  const [shown, show] = useState<Shown | null>(null);
  const look = async (whose: string, before: Shown | null): Promise<void> => {
    const from = before?.next ?? null;
    const query = {
      limit: pageSize,
      ...(whose !== '' && {user: whose as UserName}),
      ...(from !== null && {before: from}),
    };
    const answer = await call('audit.recent', {query});
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    const {entries, next} = answer.value;
    show({entries: [...(before?.entries ?? []), ...entries], next});
  };
  return (
    <Fold id="audit" title={text.title} onOpen={() => void look(user, null)}>
      <Select
        label={text.who}
        name="user"
        value={user}
        options={[['', text.everybody], ...names.map(name => [name, name] as const)]}
        onPick={picked => {
          setUser(picked);
          void look(picked, null);
        }}
      />
      {shown?.entries.length === 0 && <p>{text.none}</p>}
      <ul class="lines">
        {shown?.entries.map(entry => (
          <Line key={entry.seq} entry={entry} />
        ))}
      </ul>
      {shown !== null && shown.next !== null && (
        <button type="button" onClick={() => void look(user, shown)}>
          {text.more}
        </button>
      )}
    </Fold>
  );
}

function Line({entry: {time, action, result, user, object, address}}: {readonly entry: Entry}) {
  const {language, now} = useAround();
  const text = useWords(words).audit;
  const about = [user ?? text.nobody, address, agoText(Date.parse(time), now, language)];
  return (
    <li>
      <span>
        <code>{action}</code> {result !== 'ok' && <span class="tag bad">{text.results[result]}</span>}
      </span>
      {object !== null && <span dir="auto">{object}</span>}
      <small>
        <time dateTime={time}>{about.filter(each => each !== null).join(' · ')}</time>
      </small>
    </li>
  );
}

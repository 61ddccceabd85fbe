/** Owns how much of the box everybody uses: asked for when it is wanted, because the look is written down. */
import {useState} from 'preact/hooks';
import type {Usage} from '../../../../appliance/api/usage-shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {bytesText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {words} from '../admin.words.ts';
import {UsageTable} from '../settings/space.tsx';

const keptOf = ({sourceBytes, outputBytes}: Usage): number => sourceBytes + outputBytes;

export function UsageOfAll() {
  const {call, say, language} = useAround();
  const text = useWords(words).usage;
  const [users, setUsers] = useState<readonly Usage[] | null>(null);
  const look = async (): Promise<void> => {
    const answer = await call('usage.all', {});
    if (answer.ok) setUsers(answer.value.users.toSorted((a, b) => keptOf(b) - keptOf(a)));
    else say({is: 'trouble', why: answer.why});
  };
  return (
    <Fold id="usage" title={text.title} onOpen={() => void look()}>
      <div class="people">
        {users?.map(usage => (
          <details key={usage.user} class="person">
            <summary>
              <span>{usage.user}</span>
              <small>{bytesText(keptOf(usage), language)}</small>
            </summary>
            <div class="inner">
              <UsageTable usage={usage} />
            </div>
          </details>
        ))}
      </div>
    </Fold>
  );
}

/** Owns how the box is: what needs a hand, its disks, memory, processors, pushes and store. */
import type {Status} from '../../../../appliance/api/status.ts';
import {useAround, useWords} from '../../around.tsx';
import {agoText, bytesText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {words} from '../admin.words.ts';

export function Health({status}: {readonly status: Status}) {
  const {language, now} = useAround();
  const text = useWords(words).health;
  const {alerts, version, started, processors, store, audit, isolation, gpus, push} = status;
  const pushes = push.is === 'off' ? `${text.off}: ${push.why}` : (push.trouble ?? push.server);
  const facts: readonly (readonly [name: string, value: string])[] = [
    [text.version, version],
    [text.started, agoText(started, now, language)],
    [text.processors, text.slots(processors.count, processors.busySlots, processors.slots)],
    [text.gpu, gpus.length === 0 ? text.none : gpus.map(({name}) => name).join(', ')],
    [text.isolation, [isolation.given, ...isolation.lacks].join('; ')],
    [text.pushes, pushes],
    [text.store, store.trouble ?? text.good],
    [text.audit, audit.trouble ?? text.good],
  ];
  return (
    <Fold
      id="health"
      title={text.title}
      note={alerts.length === 0 ? text.good : text.count(alerts.length)}
      isOpen
    >
      {alerts.length > 0 && (
        <ul class="alerts">
          {alerts.map(({what, fix}) => (
            <li key={what}>
              {what} <small>{fix}</small>
            </li>
          ))}
        </ul>
      )}
      <Room status={status} />
      <dl class="facts stacked">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Fold>
  );
}

/** Disks, memory and cards: how full, as a bar and in words. */
function Room({status: {disks, memory, gpus}}: {readonly status: Status}) {
  const {language} = useAround();
  const text = useWords(words).health;
  const bars = [
    ...disks.map(({what, path, freeBytes: free, totalBytes: total, low}) => ({
      ...{key: what + path, name: text.disk(what), note: path, free, total, low},
    })),
    {
      key: 'memory',
      name: text.memory,
      note: '',
      free: memory.freeBytes,
      total: memory.totalBytes,
      low: false,
    },
    ...gpus.flatMap(({name, totalBytes: total, freeBytes: free}) =>
      free === null ? [] : [{key: name, name, note: '', free, total, low: false}],
    ),
  ];
  return (
    <dl class="facts">
      {bars.map(({key, name, note, free, total, low}) => (
        <div key={key} class={low ? 'low' : ''}>
          <dt>
            {name} {note !== '' && <small dir="auto">{note}</small>}
          </dt>
          <dd>
            {low && <span class="tag bad">{text.low}</span>}{' '}
            {text.free(bytesText(free, language), bytesText(total, language))}
          </dd>
          <dd class="bar">
            <progress value={total - free} max={Math.max(1, total)} aria-label={text.used(name)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

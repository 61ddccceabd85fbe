/** Owns how much of the box one uses, beside how much one may. */
import type {Usage} from '../../../../appliance/api/usage-shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {bytesText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {words} from '../settings.words.ts';

export function Space({usage}: {readonly usage: Usage}) {
  const {language} = useAround();
  const text = useWords(words).space;
  const kept = usage.sourceBytes + usage.outputBytes;
  return (
    <Fold id="space" title={text.title} note={bytesText(kept, language)}>
      <UsageTable usage={usage} />
    </Fold>
  );
}

/** Also where an admin looks at what everybody uses. */
export function UsageTable({usage}: {readonly usage: Usage}) {
  const {language} = useAround();
  const text = useWords(words).space;
  const {sourceBytes, outputBytes, jobs, jobsToday, quotas} = usage;
  const kept = sourceBytes + outputBytes;
  const bytes = (amount: number): string => bytesText(amount, language);
  const lines: readonly (readonly [
    name: string,
    has: number,
    most: number | null,
    show: (n: number) => string,
  ])[] = [
    [text.kept, kept, quotas.keptBytes, bytes],
    [text.today, jobsToday, quotas.jobsPerDay, String],
    [text.queued, jobs.queued, quotas.queued, String],
    [text.running, jobs.running + jobs.pausing + jobs.stopping, quotas.running, String],
  ];
  return (
    <>
      <dl class="facts">
        {lines.map(([name, has, most, show]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{most === null ? show(has) : text.of(show(has), show(most))}</dd>
            {most !== null && most > 0 && (
              <dd class="bar">
                <progress value={Math.min(has, most)} max={most} aria-label={name} />
              </dd>
            )}
          </div>
        ))}
        <div>
          <dt>{text.films}</dt>
          <dd>{bytes(sourceBytes)}</dd>
        </div>
        <div>
          <dt>{text.outputs}</dt>
          <dd>{bytes(outputBytes)}</dd>
        </div>
        {quotas.uploadMb !== null && (
          <div>
            <dt>{text.uploads}</dt>
            <dd>{text.upTo(bytes(quotas.uploadMb * 1e6))}</dd>
          </div>
        )}
      </dl>
      <p class="quiet">{text.trash}</p>
    </>
  );
}

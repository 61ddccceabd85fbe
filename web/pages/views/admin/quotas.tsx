/** Owns the form for what one person may have of the box; an empty field is as the box is set. */
import type {UserShown} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import type {Answered} from '../../call.ts';
import {Field, Form} from '../../parts/form.tsx';
import {words} from '../admin.words.ts';

export interface QuotasFormParts {
  readonly user: UserShown;
  readonly after: (answer: Answered<unknown>) => Problem | null;
}

/** People count rooms in GB. */
const gigabyte = 1e9;

export function QuotasForm({user: {name, quotas}, after}: QuotasFormParts) {
  const {call} = useAround();
  const text = useWords(words).quotas;
  const fields = [
    ['keptBytes', text.kept, gigabyte],
    ['uploadMb', text.uploads, 1000],
    ['jobsPerDay', text.today, 1],
    ['queued', text.queued, 1],
    ['running', text.running, 1],
  ] as const;
  return (
    <details class="fold">
      <summary>{text.title}</summary>
      <Form
        label={text.save}
        send={async typed => {
          const of = (field: string, unit: number): number | null =>
            typed(field).trim() === '' ? null : Math.round(Number(typed(field)) * unit);
          const body = {
            quotas: {
              ...{keptBytes: of('keptBytes', gigabyte), uploadMb: of('uploadMb', 1000)},
              ...{jobsPerDay: of('jobsPerDay', 1), queued: of('queued', 1), running: of('running', 1)},
            },
          };
          return after(await call('users.quotas', {params: {name}, body}));
        }}
      >
        <p class="quiet">{text.about}</p>
        {fields.map(([field, label, unit]) => (
          <Field
            key={field}
            label={label}
            name={field}
            type="number"
            inputMode={unit === 1 ? 'numeric' : 'decimal'}
            min={0}
            step={unit === 1 ? 1 : 'any'}
            value={quotas[field] === null ? '' : String(quotas[field] / unit)}
          />
        ))}
      </Form>
    </details>
  );
}

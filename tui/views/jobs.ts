/** Owns how jobs look as a table. Pure. */
import type {JobLine} from '../../appliance/api/shapes.ts';
import type {At} from '../../appliance/job.ts';
import {type Column, table} from '../table.ts';
import {age} from '../words.ts';
import {languagesOf, stateCell} from './state.ts';

const columns: readonly Column[] = [
  {head: 'JOB'},
  {head: 'STATE', leastColumns: 12},
  {head: 'LANG'},
  {head: 'OWNER', leastColumns: 5},
  {head: 'TITLE', leastColumns: 10},
  {head: 'AGE', side: 'right'},
];

export function jobsTable(jobs: readonly JobLine[], now: At, totalColumns: number): readonly string[] {
  const rows = jobs.map(job => [
    ...[job.id, stateCell(job.state), languagesOf(job), job.owner, job.title],
    age(now - job.submitted),
  ]);
  return table(columns, rows, totalColumns);
}

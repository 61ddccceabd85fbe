/** Owns planning what is given up, and carrying it out once the number of its files was typed. Pure. */

import type {PurgeDone, PurgeKind, PurgePlan} from '../../../appliance/api/purge-rows.ts';
import type {JobId, UserName} from '../../../appliance/job.ts';
import {answerTimes} from '../../answer-times.ts';
import {doneLines} from '../../views/storage.ts';
import {count, size} from '../../words.ts';
import {asking, confirming} from '../dialogs.ts';
import {type Deed, type Model, saying, type Turn} from '../model.ts';
import {paneNamed} from '../navigate.ts';
import {paragraph} from '../text.ts';

const mostDays = 36_500;

/** Whatever was planned for other limits is no plan for these. */
function narrowed(model: Model, change: Partial<Model['purge']>): Model {
  return {...model, purge: {...model.purge, ...change, plan: null}};
}

export function narrow(model: Model, by: 'age' | 'user' | 'jobs'): Turn {
  const {purge} = model;
  switch (by) {
    case 'age':
      return asking(model, {
        title: 'Only what is older than',
        about: ['Days since the job was over; 0 is any age.'],
        typed: String(purge.olderThanDays),
        answer(typed, after) {
          const days = Number(typed);
          if (!/^\d{1,5}$/.test(typed.trim()) || days > mostDays)
            return `A number of days from 0 to ${mostDays}.`;
          return [narrowed(after, {olderThanDays: days}), []];
        },
      });
    case 'user':
      return asking(model, {
        title: 'Only what is of',
        about: ['A person’s name; nothing is everybody.'],
        typed: purge.user ?? '',
        // The daemon parses it like every other word from outside.
        answer: (typed, after) => [
          narrowed(after, {user: typed.trim() === '' ? null : (typed.trim() as UserName)}),
          [],
        ],
      });
    case 'jobs':
      return asking(model, {
        title: 'Only of these jobs',
        about: ['Ids with spaces between; nothing is all that are over.'],
        typed: purge.jobs.join(' '),
        answer: (typed, after) => [
          narrowed(after, {jobs: typed.split(/[\s,]+/).filter(word => word !== '') as JobId[]}),
          [],
        ],
      });
  }
}

/** From the screen of jobs: what giving up their files would free. */
export function planFor(model: Model, jobs: readonly JobId[]): Turn {
  return plan({...model, purge: {...model.purge, jobs, user: null, olderThanDays: 0, plan: null}}, [
    'uploads',
    'intermediates',
    'outputs',
    'logs',
  ]);
}

export function plan(model: Model, kinds: readonly PurgeKind[]): Turn {
  if (kinds.length === 0) return [saying(model, 'Mark a kind first.', 'warn'), []];
  const {olderThanDays, user, jobs} = model.purge;
  const deed: Deed = {
    calls: [
      {
        row: 'purge.plan',
        input: {
          body: {
            ...{kinds: [...kinds], olderThanDays},
            ...(user === null ? {} : {users: [user]}),
            ...(jobs.length === 0 ? {} : {jobs: [...jobs]}),
          },
        },
      },
    ],
    done: 'This is the plan; nothing has gone.',
    answerMs: answerTimes.plan,
    refresh: [],
    leadsTo: ([answer], after) => {
      // Its row has parsed it.
      const made = answer as PurgePlan;
      const {purge, screen, dialog} = after;
      const isSame = purge.olderThanDays === olderThanDays && purge.user === user && purge.jobs === jobs;
      if (!isSame)
        return [saying(after, 'The limits were changed meanwhile: that plan is dropped.', 'warn'), []];
      if (screen !== model.screen || dialog !== null)
        return [saying({...after, purge: {...purge, plan: made}}, 'The plan stands on screen 5.'), []];
      return [paneNamed({...after, purge: {...after.purge, plan: made}}, 'storage', 'plan'), []];
    },
  };
  return [saying(model, 'What would go is being looked for …', 'busy'), [{is: 'do', deed}]];
}

export function carryOut(model: Model): Turn {
  const made = model.purge.plan;
  if (made === null || made.files === 0) return [saying(model, 'There is no plan to carry out.', 'warn'), []];
  if (made.expires <= model.now) return [saying(model, 'This plan is too old: make it anew.', 'warn'), []];
  const {plan: id, files, bytes, jobs} = made;
  return confirming(model, {
    title: 'Take it away?',
    about: [
      `${count(files, 'file')} of ${count(jobs, 'job')}, ${size(bytes)}. This cannot be undone; a receipt says what went.`,
    ],
    label: 'take it away',
    must: files,
    deed: {
      calls: [{row: 'purge.carry', input: {params: {plan: id}, body: {files}}}],
      done: 'It is gone.',
      answerMs: answerTimes.carry,
      refresh: ['storage', 'receipts', 'status'],
      leadsTo: ([answer], after) => {
        const done = answer as PurgeDone;
        const wide = Math.min(72, after.size.columns - 10);
        const text = doneLines(done).flatMap(words => paragraph(words, wide));
        return [
          {
            ...after,
            purge: {...after.purge, plan: null},
            dialog: {is: 'text', title: 'Receipt', text, top: 0},
          },
          [],
        ];
      },
    },
  });
}

/** Owns what a box holds that has run for years: dubs that are done, as they stay in the store. */
import {digestOf} from '../../appliance/digest.ts';
import {Job} from '../../appliance/job.ts';

/** A store with a table of jobs, whatever else it holds. */
export interface JobsStore {
  commit(change: (draft: {put(table: 'jobs', id: string, job: Job): void}) => void): Promise<void>;
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** The n-th id: `0000000001` and so on. */
export function idOf(index: number): string {
  let id = '';
  for (let rest = index; id.length < 10; rest = Math.floor(rest / 32)) id = `${letters[rest % 32]}${id}`;
  return id;
}

/** A dub that is done, as it stays in the store. */
export function jobOf(index: number): Job {
  const [id, title, at] = [idOf(index), `A film of a hundred minutes ${index}`, 1.79e12 + index * 1000];
  const output = (kind: string, ending: string, bytes: number) => ({
    ...{kind, bytes, path: `/var/lib/dubstead/jobs/${id}/out/${title}.es.${ending}`},
    digest: digestOf(id + ending),
  });
  return Job.parse({
    ...{
      id,
      owner: 'maria',
      via: 'inbox',
      submitted: at,
      sidecars: [`${title}.srt`],
      priority: 0,
      lost: 0,
      card: null,
    },
    source: {name: `${title}.mkv`, bytes: 4_321_987_654, digest: digestOf(id)},
    options: {from: 'en', to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
    confinement: {isolation: 'jail', lacks: ['no cgroup is delegated: memory is limited by RLIMIT_DATA']},
    state: {
      ...{is: 'done', at: at + 900_000, seconds: 812.4},
      outputs: [
        output('all tracks and the dub', 'mkv', 4_345_678_901),
        output('for phones', 'mp4', 912_345_678),
      ],
      summary: ['1204 lines in 2 voices', '-16.0 LUFS', '14 lines shortened, 3 kept as they were'],
    },
  });
}

/** In commits of a hundred, as many at once as may wait. */
export async function fill(store: JobsStore, jobs: readonly Job[]): Promise<void> {
  const commits: Promise<void>[] = [];
  for (let from = 0; from < jobs.length; from += 100) {
    const some = jobs.slice(from, from + 100);
    commits.push(
      store.commit(draft => {
        for (const job of some) draft.put('jobs', job.id, job);
      }),
    );
  }
  await Promise.all(commits);
}

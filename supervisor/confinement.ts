/** Owns how jobs are confined on this machine: what was asked for, what it can give, and the command line of each job. */
import {mkdir, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {Status} from '../appliance/api/status.ts';
import type {Settings} from '../appliance/config/settings.ts';
import {Failed} from '../appliance/failure.ts';
import type {Job} from '../appliance/job.ts';
import {openCgroups} from './confine/cgroup.ts';
import {type Confined, confine, type SmallProgram, smallProgram, workerProgram} from './confine/confine.ts';
import {contain} from './confine/container.ts';
import {findConfinement} from './confine/found.ts';
import type {JailFolders} from './confine/jail.ts';
import type {Limits} from './confine/limits.ts';
import {type DataFolders, jobFolders} from './folders.ts';
import {prime as primeProgram} from './priming.ts';
import {lookResourcesOf, resourcesOf} from './setting.ts';
import type {LookPlace} from './uploads/look.ts';

export interface Confinement {
  readonly of: (job: Job) => Confined;
  /** For the look into an upload: as a job is confined, with less of everything. Null where nobody looks. */
  readonly look: ((place: LookPlace) => Confined) | null;
  /** For the picture of a film: as the look is. */
  readonly poster: ((place: LookPlace) => Confined) | null;
  /** For a few words in a voice; `file` says which. */
  readonly say: ((place: LookPlace) => Confined) | null;
  readonly describe: ((place: LookPlace) => Confined) | null;
  /** Makes the first job start as quickly as the others. Never rejects. */
  readonly prime: (signal: AbortSignal) => Promise<void>;
  readonly shown: Status['isolation'];
}

export interface Ground {
  readonly folders: DataFolders;
  readonly settings: Settings;
  /** The checkout or installation. */
  readonly root: string;
  readonly home: string;
  readonly runtimeDir: string | null;
  /** Where Node keeps what it compiled, when somebody chose; else it is kept beside the packages. */
  readonly compileCache: string | null;
}

interface Wish {
  readonly folder: string;
  readonly readOnly: readonly string[];
  readonly program: readonly [string, ...string[]];
  readonly limits: Limits;
}

/** Null where there is none and none can be made. */
async function folderAt(path: string): Promise<string | null> {
  try {
    await mkdir(path, {recursive: true});
    return await realpath(path);
  } catch {
    return null;
  }
}

/** Looks once, at start. Throws an Error in words when a container was asked for and cannot be given. */
export async function findConfinementOf(ground: Ground): Promise<Confinement> {
  const {settings} = ground;
  const jobs = await realpath(ground.folders.jobs);
  const [checkout, node, tried] = await Promise.all([
    realpath(ground.root),
    realpath(process.execPath),
    findConfinement(jobs),
  ]);
  const found = {...tried, cgroup: await openCgroups(tried.cgroup, process.pid)};
  const compileCache = await folderAt(ground.compileCache ?? join(checkout, 'node_modules/.cache/compiled'));
  const limits = resourcesOf(settings);
  const program = workerProgram(node, checkout);
  const {home, runtimeDir} = ground;
  const confined = (wish: Wish): Confined => {
    const folders: JailFolders = {job: wish.folder, readOnly: wish.readOnly, checkout, compileCache};
    if (!settings.ENABLE_CONTAINER_WORKER)
      return confine({...wish, isolation: settings.JOB_ISOLATION, folders, found});
    const contained = contain({
      ...{...wish, engine: settings.CONTAINER_ENGINE, image: settings.CONTAINER_IMAGE ?? '', folders},
      ...{client: {home, runtimeDir}, root: found.root},
    });
    if (contained.ok) return contained.value;
    throw new Failed({reason: 'worker-lost', exit: contained.why, stderr: ''});
  };
  const of = ({id}: Pick<Job, 'id'>): Confined =>
    confined({folder: jobFolders({jobs}, id).root, readOnly: [], program, limits});
  const small =
    (name: SmallProgram) =>
    ({folder, file}: LookPlace): Confined =>
      confined({
        ...{folder, readOnly: [file], program: smallProgram(node, checkout, {name, file})},
        limits: lookResourcesOf(settings),
      });
  const {isolation: given, lacks} = of({id: '0000000000' as Job['id']});
  const asked = settings.ENABLE_CONTAINER_WORKER ? 'container' : settings.JOB_ISOLATION;
  const prime = async (signal: AbortSignal): Promise<void> =>
    compileCache === null ? undefined : primeProgram({program, compileCache, signal});
  return {
    of,
    look: small('look'),
    poster: small('poster'),
    say: small('say'),
    describe: small('describe'),
    prime,
    shown: {asked, given, lacks: [...lacks].slice(0, 20)},
  };
}

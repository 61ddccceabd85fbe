/**
 * Owns the command line of a job that runs in a container: one configured image, everything else as a jail has it.
 * Pure; starts nothing. Nothing a user says gets into it.
 */
import {join} from 'node:path';
import {no, ok, type Result} from '../../appliance/result.ts';
import {type Confined, environment} from './confine.ts';
import {type JailFolders, outOf} from './jail.ts';
import type {Limits} from './limits.ts';

export interface ContainRequest {
  readonly engine: 'podman' | 'docker';
  /** As CONTAINER_IMAGE was parsed; it brings the programs of the system, our own code comes from the checkout. */
  readonly image: string;
  readonly program: readonly [string, ...string[]];
  readonly folders: JailFolders;
  readonly limits: Limits;
  /** What podman itself needs of the daemon's environment: where its user keeps images. */
  readonly client: {readonly home: string; readonly runtimeDir: string | null};
  readonly root: boolean;
}

/** A mount is written as one word with commas in it. */
const unwritable = /[,"\n]/;

/** A container, or the sentence that says why there can be none. */
export function contain(request: ContainRequest): Result<Confined, string> {
  const {engine, image, folders, client} = request;
  if (engine === 'docker') {
    return no(
      'Docker starts containers from a service that takes no open socket along, and that socket is how a job is heard: ' +
        'set CONTAINER_ENGINE=podman, or ENABLE_CONTAINER_WORKER=0 for the jail.',
    );
  }
  if (image.startsWith('-')) return no(`CONTAINER_IMAGE must name an image, and ${image} is an option.`);
  const bad = mounts(request).find(({path}) => unwritable.test(path));
  if (bad !== undefined) {
    return no(
      `${bad.path} cannot be given to a container: choose a folder without commas and quotes in its name.`,
    );
  }
  const name = `dubstead-${folders.job.slice(folders.job.lastIndexOf('/') + 1)}`;
  return ok({
    argv: podmanArgv(request, name),
    env: {
      ...{PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', HOME: client.home},
      ...(client.runtimeDir === null ? {} : {XDG_RUNTIME_DIR: client.runtimeDir}),
    },
    isolation: 'container',
    lacks: [],
    job: folders.job,
    cgroup: null,
    kill: ['podman', 'rm', '--force', '--ignore', '--time', '0', name],
  });
}

function podmanArgv(request: ContainRequest, name: string): string[] {
  const {image, program, folders, root} = request;
  const variables = Object.entries(environment(folders, '/tmp')).flatMap(([key, value]) => [
    '--env',
    `${key}=${value}`,
  ]);
  return [
    ...['podman', 'run', '--rm', '--replace', '--name', name, '--pull', 'never', '--log-driver', 'none'],
    ...['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    // Descriptor 3 is the wire.
    ...['--preserve-fds', '1', '--hostname', 'job', ...(root ? [] : ['--userns', 'keep-id'])],
    ...limitOptions(request.limits),
    ...['--tmpfs', '/tmp:rw,nosuid,nodev,size=64m', '--shm-size', '1m'],
    ...mounts(request).flatMap(({path, readOnly}) => [
      '--mount',
      `type=bind,source=${path},destination=${path}${readOnly ? ',readonly' : ''}`,
    ]),
    ...[
      '--workdir',
      outOf(folders.job),
      ...variables,
      '--entrypoint',
      program[0],
      image,
      ...program.slice(1),
    ],
  ];
}

function limitOptions({memoryBytes, processes, openFiles, fileBytes, cpuSeconds}: Limits): string[] {
  // As much swap as memory means none beyond it.
  const memory =
    memoryBytes === null ? [] : ['--memory', `${memoryBytes}b`, '--memory-swap', `${memoryBytes}b`];
  const resources = [
    'core=0:0',
    `nofile=${openFiles}:${openFiles}`,
    ...(fileBytes === null ? [] : [`fsize=${fileBytes}:${fileBytes}`]),
    ...(cpuSeconds === null ? [] : [`cpu=${cpuSeconds}:${cpuSeconds + 5}`]),
  ];
  return [
    ...memory,
    ...['--pids-limit', String(processes), '--oom-score-adj', '500'],
    ...resources.flatMap(limit => ['--ulimit', limit]),
  ];
}

function mounts({folders}: ContainRequest): {readonly path: string; readonly readOnly: boolean}[] {
  const {checkout, readOnly, compileCache, job} = folders;
  const code = ['appliance', 'pipeline', 'node_modules', 'package.json'].map(name => join(checkout, name));
  const cache =
    compileCache === null || code.some(path => compileCache.startsWith(`${path}/`)) ? [] : [compileCache];
  return [
    ...[...code, ...readOnly, ...cache, job].map(path => ({path, readOnly: true})),
    {path: outOf(job), readOnly: false},
  ];
}

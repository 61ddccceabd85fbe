/** Owns what each route does: asks the box and shows what it says. Who may ask was settled before. */
import {basename, dirname, extname, join} from 'node:path';
import type {accountRows} from '../appliance/api/account-rows.ts';
import {readEventStream} from '../appliance/api/event-stream.ts';
import {BoxEvent, EventId, type JobMessage} from '../appliance/api/events.ts';
import type {importRows} from '../appliance/api/import-rows.ts';
import type {LibraryRows} from '../appliance/api/library-rows.ts';
import type {lineRows} from '../appliance/api/line-rows.ts';
import type {mediaRows} from '../appliance/api/media-rows.ts';
import {type OpenApi, openApi} from '../appliance/api/openapi.ts';
import type {PageRows} from '../appliance/api/page-rows.ts';
import {may, sees, sightOf} from '../appliance/api/permissions.ts';
import type {PresetRows} from '../appliance/api/preset-rows.ts';
import type {PurgeRows} from '../appliance/api/purge-rows.ts';
import type {pushRows} from '../appliance/api/push-rows.ts';
import type {RetentionRows} from '../appliance/api/retention-rows.ts';
import type {roomRows} from '../appliance/api/room-rows.ts';
import {type RowName, type Rows, rows} from '../appliance/api/rows.ts';
import {JobCursor, type JobLine, type LogEvent} from '../appliance/api/shapes.ts';
import type {StorageRows} from '../appliance/api/storage-rows.ts';
import type {trailRows} from '../appliance/api/trail-rows.ts';
import type {usageRows} from '../appliance/api/usage-rows.ts';
import {hasWorker, isShared, type Job, JobId, type Wish} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Output} from '../appliance/wire.ts';
import type {Accounts} from './accounts.ts';
import {aboutAccounts} from './auth.ts';
import type {Box} from './box.ts';
import type {Bundle} from './bundle.ts';
import {nameOf, outputNamed, showFiles, sortOf} from './files.ts';
import type {Handlers} from './handler.ts';
import {aboutImports} from './imports.ts';
import {aboutLibrary} from './library.ts';
import {aboutLines} from './lines.ts';
import {squareCode} from './page-code.ts';
import {aboutPages} from './pages.ts';
import {aboutPosters} from './posters.ts';
import {aboutPresets} from './presets.ts';
import {notReady, problems, type Refused, shown} from './problem.ts';
import {aboutPurging} from './purging.ts';
import {aboutPushes} from './push-test.ts';
import {reportOf} from './report.ts';
import {aboutRetention} from './retention.ts';
import {aboutRoom} from './room.ts';
import type {FileToSend} from './send-file.ts';
import {showDetail, showLine} from './show.ts';
import {frameOf} from './sse.ts';
import {aboutStorage} from './storage.ts';
import {aboutFilms} from './submit.ts';
import {aboutTrail} from './trail.ts';
import {aboutUploads} from './uploads.ts';
import {aboutUsage} from './usage.ts';
import {outputOf, streamUrl, variantsFor} from './video.ts';

type Part<Name extends RowName> = Handlers<Pick<Rows, Name>>;

export interface HandlerSetting {
  readonly version: string;
  readonly accounts: Accounts;
  /** ENABLE_IMPORTS. */
  readonly areImportsOn: boolean;
  readonly bundle: Bundle;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** PUBLIC_BASE_URL; null where a request's own host is as good as any. */
  readonly baseUrl: string | null;
}

export function handlersFor(
  box: Box,
  {version, accounts, areImportsOn, baseUrl, now, bundle}: HandlerSetting,
): Handlers<Rows> {
  const all: Handlers<Rows> = {
    ...{...aboutTheBox(box, version), ...aboutAccounts(accounts), ...aboutUploads(box)},
    ...{
      ...aboutFilms(box),
      ...aboutUsage(box),
      ...aboutRoom(box),
      ...aboutStorage(box),
      ...aboutPurging(box),
      ...aboutRetention(box),
      ...aboutTrail(box),
      ...aboutPushes(box),
    },
    ...{...aboutJobs(box), ...aboutOneJob(box, baseUrl), ...aboutFiles(box, accounts)},
    ...{...aboutLibrary(box), ...aboutPresets(box), ...aboutImports(box, areImportsOn)},
    ...{...aboutLines(box), ...aboutPosters(box)},
    ...aboutPages({box, bundle, now, handlers: () => all}),
  };
  return all;
}

type AboutTheBox =
  | ('health' | 'ready' | 'metrics' | 'status' | 'openapi')
  | ('inbox.get' | 'inbox.rescan' | 'queue.get' | 'queue.set');

function aboutTheBox(box: Box, version: string): Part<AboutTheBox> {
  // Made when first asked for: few ask, and it takes a while.
  let description: OpenApi | undefined;
  return {
    health: {answer: () => ok({ok: true})},
    ready: {
      answer: () => {
        const readiness = box.readiness();
        return readiness.is === 'ready' ? ok({ready: true}) : no(notReady(readiness));
      },
    },
    metrics: {answer: async () => ok(await box.metrics())},
    status: {answer: async () => ok(await box.status())},
    'inbox.get': {answer: async () => ok(await box.inbox())},
    'inbox.rescan': {answer: async () => shown(await box.rescan(), inbox => inbox)},
    'queue.get': {answer: () => ok(box.queue())},
    'queue.set': {
      answer: async ({body}) => shown(await box.setQueueMode(body.mode), queue => queue),
      about: ({body}) => body.mode,
    },
    openapi: {
      answer: () => {
        description ??= openApi(rows, version);
        return ok(description);
      },
    },
  };
}

function aboutJobs(box: Box): Part<AboutJobs> {
  return {
    'jobs.list': {
      answer: ({sight, query}) => {
        const {state, owner, q, tag, series, from, to, sort, limit, after} = query;
        const page = box.jobs({
          sight,
          states: state ?? null,
          owner: owner ?? null,
          ...{text: q ?? null, tag: tag ?? null, series: series ?? null},
          ...{from: from ?? null, to: to ?? null, sort},
          after: after === undefined ? null : placeOf(after),
          limit,
        });
        const last = page.jobs.at(-1);
        const next = page.more && last !== undefined ? cursorOf(last.job) : null;
        return ok({jobs: page.jobs.map(showLine), next});
      },
    },
    'jobs.socket': {
      messages: ({params, query, sight, signal}) =>
        messagesOf(box.events.follow(query.after ?? null, sight, signal), params.id),
    },
    'jobs.events': {
      follow: ({lastEventId, sight, signal}) => {
        const after = EventId.safeParse(lastEventId);
        // A place that we never gave out is one that we do not have: the stream says so and starts anew.
        return box.events.follow(after.data ?? (lastEventId === null ? null : unknownPlace), sight, signal);
      },
    },
  };
}

type AboutJobs = 'jobs.list' | 'jobs.events' | 'jobs.socket';
type AboutFilms = keyof typeof mediaRows;
type AboutFiles = `jobs.${'files' | 'file' | 'stream' | 'preview' | 'video' | 'link'}` | 'link';
type AboutUploads = keyof ReturnType<typeof aboutUploads>;
type AboutAccounts = keyof typeof accountRows;
type Elsewhere =
  | 'jobs.poster'
  | AboutTheBox
  | AboutJobs
  | AboutFiles
  | AboutUploads
  | AboutAccounts
  | AboutFilms;

type Filed =
  | keyof typeof importRows
  | keyof typeof lineRows
  | keyof typeof usageRows
  | keyof typeof roomRows
  | keyof StorageRows
  | keyof PurgeRows
  | keyof RetentionRows
  | keyof typeof trailRows
  | keyof typeof pushRows
  | keyof LibraryRows
  | keyof PresetRows
  | keyof PageRows;

function aboutOneJob(box: Box, baseUrl: string | null): Part<Exclude<RowName, Elsewhere | Filed>> {
  const wish = (asked: Wish) => ({
    answer: async ({params}: {readonly params: {readonly id: JobId}}): Promise<Result<JobLine, Refused>> =>
      shown(await box.wish(params.id, asked), showLine),
  });
  return {
    'jobs.get': {
      answer: ({job, caller}) => ok(showDetail(job, {withPaths: caller.came.is === 'socket'})),
    },
    'jobs.timeline': {answer: async ({params}) => ok(await box.timeline(params.id))},
    'jobs.logs': {
      answer: async ({params, query}) => ok(await box.log(params.id, query.tail)),
      follow: ({params, query, lastEventId, signal}) =>
        logFrames(box, {id: params.id, tail: query.tail, lastEventId, signal}),
    },
    'jobs.cancel': wish('cancel'),
    'jobs.pause': wish('pause'),
    'jobs.resume': wish('resume'),
    'jobs.retry': {
      answer: async ({params: {id}, query: {from}}) =>
        shown(await (from === undefined ? box.wish(id, 'retry') : box.retryFrom(id, from)), showLine),
    },
    'jobs.report': {answer: ({job: {job}}) => reportOf(box, job)},
    'jobs.qrcode': {
      answer: async ({job: {job}, host}) =>
        ok(await squareCode(`${baseUrl ?? `http://${host}`}/jobs/${job.id}`)),
    },
    'jobs.delete': wish('delete'),
    'jobs.priority': {
      answer: async ({params, body}) => shown(await box.prioritise(params.id, body.priority), showLine),
      about: ({params, body}) => `${params.id} to ${body.priority}`,
    },
  };
}

function aboutFiles(box: Box, {links, doorkeeper}: Accounts): Part<AboutFiles> {
  const send = (job: Job, output: Output, manner?: 'attachment'): FileToSend => {
    const {type, manner: usual} = sortOf(output);
    return {
      open: async () => shown(await box.openOutput(job, output), file => file),
      ...{promised: {size: output.bytes, digest: output.digest}, type, name: nameOf(output)},
      manner: manner ?? usual,
    };
  };
  const growing = ({id}: Job, part: string): FileToSend => ({
    open: async () => shown(await box.openGrowing(id, part), file => file),
    ...{promised: null, ...sortOf({path: part}), name: part, isFirst: part === 'master.m3u8'},
  });
  const named = (job: Job, file: string, manner?: 'attachment'): Result<FileToSend, Refused> => {
    const output = outputNamed(job, file);
    return output === undefined ? no(problems.noSuchFile()) : ok(send(job, output, manner));
  };
  return {
    'jobs.files': {
      answer: ({job: {job}, from}) => ok({files: showFiles(job), variants: variantsFor(job, from.agent)}),
    },
    'jobs.file': {
      file: ({job: {job}, params, query}) =>
        named(job, params.file, query.download === undefined ? undefined : 'attachment'),
      about: ({params}) => `${params.id} ${params.file}`,
    },
    'jobs.stream': {
      file: ({job: {job}, params: {part}}) => {
        if (hasWorker(job.state)) return ok(growing(job, part));
        const master = outputOf(job, 'hls');
        if (master === undefined) return no(problems.noSuchFile());
        if (part === basename(master.path)) return ok(send(job, master));
        // The name was parsed: it is one file beside the playlist.
        const beside = {...master, path: join(dirname(master.path), part)};
        return ok({...send(job, beside), promised: null});
      },
      about: ({params}) => `${params.id} ${params.part}`,
    },
    'jobs.preview': {
      answer: ({job: {job}}) => {
        const growing = box.preview(job.id);
        return growing === null ? no(problems.notRunning()) : ok({...growing, url: streamUrl(job)});
      },
    },
    'jobs.video': {
      file: ({job: {job}, query, from}) => {
        const variant = query.variant ?? variantsFor(job, from.agent)[0]?.variant;
        const output = variant === undefined ? undefined : outputOf(job, variant);
        if (output === undefined) return no(problems.noSuchFile());
        // Its playlists name their neighbours: a player has to know where they lie.
        return ok(variant === 'hls' ? {location: streamUrl(job)} : send(job, output));
      },
      about: ({params, query}) => `${params.id} ${query.variant ?? 'video'}`,
    },
    'jobs.link': {
      answer: async ({caller, job: {job}, body: {file}}) => {
        const output = outputNamed(job, file);
        if (output === undefined) return no(problems.noSuchFile());
        const link = await links.sign(caller, job.id, file);
        if (link === null) return no(problems.notAllowed('use:account'));
        const ending = extname(output.path).toLowerCase();
        return ok({url: `/links/${link.token}/${job.id}${ending}`, expires: link.expires});
      },
      about: ({params, body}) => `${params.id} ${body.file}`,
    },
    link: {
      file: async ({params}) => {
        const linked = await links.read(params.token);
        const now = linked === null ? undefined : box.job(linked.job);
        if (linked === null || now === undefined) return no(problems.noSuchLink());
        const {caller, job, file} = linked;
        const isTheirs =
          may(caller, 'read:job', job) && sees(sightOf(caller), now.job.owner, isShared(now.job));
        const found = named(now.job, file);
        const until = doorkeeper.lifeline(caller);
        if (!isTheirs || !found.ok) return no(problems.noSuchLink());
        return ok({...found.value, ...(until === null ? {} : {until})});
      },
      about: () => 'by a link',
    },
  };
}

/** Of all that the box tells, what is about one job; and where the follower's place is lost, that. */
async function* messagesOf(frames: AsyncIterable<string>, job: JobId): AsyncGenerator<string> {
  const bytes = (async function* () {
    for await (const piece of frames) yield Buffer.from(piece);
  })();
  for await (const {id, data} of readEventStream(bytes)) {
    const event = BoxEvent.parse(JSON.parse(data));
    const about = event.is === 'job' ? event.job.id : 'id' in event ? event.id : null;
    if (id === null || (event.is !== 'reset' && about !== job)) continue;
    yield JSON.stringify({id: EventId.parse(id), event} satisfies JobMessage);
  }
}

/** Of a run that never was. */
const unknownPlace = EventId.parse('00000000-0');

function cursorOf({submitted, id}: Job): string {
  return `${submitted}-${id}`;
}

function placeOf(cursor: string): {readonly submitted: number; readonly id: JobId} {
  const [submitted, id] = JobCursor.parse(cursor).split('-');
  return {submitted: Number(submitted), id: JobId.parse(id)};
}

interface LogAsk {
  readonly id: JobId;
  readonly tail: number;
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
}

/** The last lines and then what comes; or, where a stream broke off, all that came since. */
async function* logFrames(box: Box, {id, tail, lastEventId, signal}: LogAsk): AsyncGenerator<string> {
  const resumed = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : null;
  let next = resumed ?? 0;
  if (resumed === null) {
    const end = await box.log(id, tail);
    for (const line of end.lines) yield lineFrame({is: 'line', ...line});
    next = end.next;
  }
  for await (const line of box.followLog(id, next, signal)) yield lineFrame({is: 'line', ...line});
  if (!signal.aborted) yield frameOf({is: 'end'} satisfies LogEvent, null);
}

function lineFrame(line: Extract<LogEvent, {is: 'line'}>): string {
  return frameOf(line, line.next);
}

/** Owns the control socket: the web's routes for the admins of this box. */
import {userInfo} from 'node:os';
import type {Audit} from '../appliance/audit/audit.ts';
import type {Settings} from '../appliance/config/settings.ts';
import {UserName} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import {createApp} from '../web/app.ts';
import type {Box} from '../web/box.ts';
import {type Audited, socketDoor} from '../web/door.ts';
import {handlersFor} from '../web/handlers.ts';
import {Listener, listenerLimits} from '../web/listener.ts';
import {describeSocketTrouble, gidOf, SocketFile, type SocketTrouble} from '../web/socket.ts';
import {Streams} from '../web/streams.ts';
import type {DataFolders} from './folders.ts';

export interface SocketGround {
  readonly box: Box;
  readonly folders: DataFolders;
  readonly settings: Settings;
  /** The group whose members are let in; null for nobody's but our own. */
  readonly gid: number | null;
  readonly audit: Audit;
  readonly log: Log;
  readonly version: string;
  readonly steady: () => number;
  readonly now: () => number;
}

const streamsLimit = 256;

/** The number of the group that SOCKET_GROUP names; null when it names none. Throws an Error in words. */
export async function socketGroupOf({
  SOCKET_GROUP: group,
}: Pick<Settings, 'SOCKET_GROUP'>): Promise<number | null> {
  if (group === null) return null;
  const gid = await gidOf(group);
  if (gid !== undefined) return gid;
  throw new Error(
    `There is no group ${group} on this machine. Make it with groupadd, or unset SOCKET_GROUP.`,
  );
}

/** Throws an Error in words when nobody can be let in. */
export async function listenOnSocket(ground: SocketGround): Promise<Listener<SocketTrouble>> {
  const {folders, gid, log} = ground;
  const listener = new Listener({
    place: new SocketFile({path: folders.socket, gid}),
    serve: stopping => appOf(ground, stopping),
    limits: listenerLimits,
    fault: cause => log.error({err: cause}, 'the control socket had a fault'),
  });
  const started = await listener.start();
  if (started.ok) return listener;
  const {what, fix} = describeSocketTrouble(started.why);
  throw new Error(`${what} ${fix}`);
}

function appOf(ground: SocketGround, stopping: AbortSignal) {
  const {box, audit, log, version, settings, steady, now} = ground;
  const every = (ms: number, tick: () => void): (() => void) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  };
  return createApp({
    ...{box, door: socketDoor(ownName()), handlers: handlersFor(box, {version}), now: steady, stopping},
    ...{takeMs: listenerLimits.takeMs, wallNow: now},
    checkAnswers: settings.ENV === 'development',
    streams: new Streams({limit: streamsLimit, every, stopping}),
    audit: entry => record(audit, entry),
    log: {
      answered: line => log.debug(line, 'answered'),
      fault: ({cause, ...line}) => log.error({...line, err: cause}, 'a request failed on this side'),
    },
  });
}

async function record(audit: Audit, {event, requestId, by, address, object, result}: Audited): Promise<void> {
  audit.record({
    ...{action: event, request: requestId, user: by?.user ?? null, address},
    ...{object, result: result === 'ok' ? ('ok' as const) : ('refused' as const)},
    ...(result === 'ok' ? {} : {details: {code: result}}),
  });
  await audit.flush();
}

/** Who owns the socket speaks for all who may open it: Node cannot tell them apart. */
function ownName(): UserName {
  const name = UserName.safeParse(userInfo().username);
  return name.success ? name.data : UserName.parse('admin');
}

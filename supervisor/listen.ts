/** Owns the two ways in: the control socket for the admins of this box, and a TCP port for everybody else. */
import type {IncomingMessage} from 'node:http';
import {networkInterfaces, userInfo} from 'node:os';
import type {Audit} from '../appliance/audit/audit.ts';
import type {Settings} from '../appliance/config/settings.ts';
import {UserName} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import type {Accounts} from '../web/accounts.ts';
import {type AppSetting, createApp} from '../web/app.ts';
import type {Box} from '../web/box.ts';
import {Bundle} from '../web/bundle.ts';
import {type Audited, socketDoor} from '../web/door.ts';
import {handlersFor} from '../web/handlers.ts';
import {assertionReader} from '../web/jwt.ts';
import {Listener, listenerLimits} from '../web/listener.ts';
import {clientOf, type NetworkSetting, rangesOf, refusalOf} from '../web/network.ts';
import {networkDoor} from '../web/network-door.ts';
import {describePortTrouble, type PortTrouble, TcpPort} from '../web/port.ts';
import {problems, type Refused} from '../web/problem.ts';
import {Quotas} from '../web/quotas.ts';
import {describeSocketTrouble, gidOf, SocketFile, type SocketTrouble} from '../web/socket.ts';
import {Sockets} from '../web/sockets.ts';
import {Streams} from '../web/streams.ts';
import type {DataFolders} from './folders.ts';

interface Ground {
  readonly box: Box;
  readonly accounts: Accounts;
  readonly settings: Settings;
  readonly audit: Audit;
  readonly log: Log;
  readonly version: string;
  readonly steady: () => number;
  readonly now: () => number;
}

export interface SocketGround extends Ground {
  readonly folders: DataFolders;
  /** The group whose members are let in; null for nobody's but our own. */
  readonly gid: number | null;
}

export interface NetworkGround extends Ground {
  /** Of this machine. */
  readonly hostname: string;
  readonly isProduction: boolean;
  /** How often may be asked; as is usual where it is left out. */
  readonly quotas?: Quotas;
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
    serve: stopping =>
      appOf(ground, {stopping, door: socketDoor(ownName()), admit: () => undefined, origins: new Set()}),
    limits: listenerLimits,
    fault: cause => log.error({err: cause}, 'the control socket had a fault'),
  });
  const started = await listener.start();
  if (started.ok) return listener;
  const {what, fix} = describeSocketTrouble(started.why);
  throw new Error(`${what} ${fix}`);
}

export interface NetworkListener {
  readonly listener: Listener<PortTrouble>;
  /** As people write it. */
  readonly url: string;
}

/** Throws an Error in words when nobody can be let in. */
export async function listenOnNetwork(ground: NetworkGround): Promise<NetworkListener> {
  const {settings, log, accounts, isProduction} = ground;
  const place = new TcpPort({host: settings.HOST, port: settings.PORT});
  const addressOf = addressReader(settings);
  const door = networkDoor({
    ...{
      doorkeeper: accounts.doorkeeper,
      quotas: ground.quotas ?? new Quotas(),
      cookies: {secure: isProduction},
    },
    addressOf: request => addressOf(request) ?? 'unknown',
  });
  const network = networkOf(ground);
  const admit = admissionOf(ground, network, addressOf);
  const listener = new Listener({
    place,
    serve: stopping => appOf(ground, {stopping, door, admit, origins: network.origins}),
    limits: listenerLimits,
    fault: cause => log.error({err: cause}, 'the network listener had a fault'),
  });
  const started = await listener.start();
  if (started.ok) return {listener, url: place.url};
  const {what, fix} = describePortTrouble(started.why);
  throw new Error(`${what} ${fix}`);
}

function networkOf({settings, hostname}: NetworkGround): NetworkSetting {
  const {PUBLIC_BASE_URL: url, REMOTE_ACCESS_MODE: mode, CORS_ORIGINS: listed} = settings;
  const own = hostname.toLowerCase();
  const known = url === null ? [] : [new URL(url).hostname];
  return {
    ...{mode, interfaces: networkInterfaces},
    names: ['localhost', own, `${own}.local`, ...known],
    origins: new Set([...(listed ?? []), ...(url === null ? [] : [url])]),
  };
}

type AddressReader = (request: IncomingMessage) => string | undefined;

function addressReader({TRUSTED_PROXY_SUBNETS: subnets}: Settings): AddressReader {
  const trusted = rangesOf(subnets ?? []);
  return ({socket, headers}) => {
    const forwarded = headers['x-forwarded-for'];
    // Node joins several of them with commas, in their order.
    return clientOf(socket.remoteAddress, Array.isArray(forwarded) ? forwarded.join() : forwarded, trusted);
  };
}

/** Of one address: more often than that is no news, and would fill a disk for whoever knocks on. */
const deniedEveryMs = 60_000;
const deniedLimit = 1000;

function admissionOf(
  {settings, audit, steady, now}: NetworkGround,
  network: NetworkSetting,
  addressOf: AddressReader,
) {
  const {CLOUDFLARE_ISSUER: issuer, CLOUDFLARE_AUDIENCE: audience} = settings;
  const guarded = network.mode === 'cloudflare' && issuer !== null && audience !== null;
  const hasAssertion = guarded ? assertionReader({issuer, audience, now}) : null;
  const told = new Map<string, number>();
  return async (request: IncomingMessage): Promise<Refused | undefined> => {
    const {socket, headers} = request;
    const {host, origin} = headers;
    const [remote, local] = [socket.remoteAddress, socket.localAddress];
    const client = addressOf(request);
    let refused = refusalOf({client, remote, local, host, origin}, network);
    if (refused === undefined && hasAssertion !== null) {
      const assertion = headers['cf-access-jwt-assertion'];
      const isThere = typeof assertion === 'string' && (await hasAssertion(assertion));
      if (!isThere) refused = problems.noAssertion();
    }
    if (refused !== undefined) tellDenied(client ?? remote ?? 'unknown', refused.code);
    return refused;
  };

  function tellDenied(address: string, code: string): void {
    const now = steady();
    if (now - (told.get(address) ?? Number.NEGATIVE_INFINITY) < deniedEveryMs) return;
    if (told.size >= deniedLimit) told.clear();
    told.set(address, now);
    audit.record({action: 'remote.denied', result: 'refused', address, details: {code}});
  }
}

interface Entrance extends Pick<AppSetting, 'door' | 'admit' | 'origins'> {
  readonly stopping: AbortSignal;
}

function appOf({box, accounts, audit, log, version, settings, steady, now}: Ground, entrance: Entrance) {
  const {stopping} = entrance;
  const every = (ms: number, tick: () => void): (() => void) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  };
  const bundle = new Bundle();
  return createApp({
    ...{
      ...{box, bundle},
      ...entrance,
      handlers: handlersFor(box, {
        ...{version, accounts, baseUrl: settings.PUBLIC_BASE_URL},
        ...{areImportsOn: settings.ENABLE_IMPORTS, bundle, now},
      }),
      now: steady,
    },
    ...{takeMs: listenerLimits.takeMs, wallNow: now},
    checkAnswers: settings.ENV === 'development',
    streams: new Streams({limit: streamsLimit, every, stopping}),
    sockets: new Sockets({limit: streamsLimit, every, stopping}),
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

/**
 * Owns the table of logins: who a secret belongs to, and every change of a login, with the streams that end with it.
 * Never decides who may log in.
 */
import {hashOf} from '../../appliance/accounts/code.ts';
import {isAlive, type Session, type SessionId, touched} from '../../appliance/accounts/session.ts';
import type {User} from '../../appliance/accounts/user.ts';
import type {Digest} from '../../appliance/digest.ts';
import type {UserName} from '../../appliance/job.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import type {BoxStore, BoxTables} from '../state.ts';
import type {Lifelines} from './lifelines.ts';

/** One person is logged in on no more devices; the one that was not used for longest goes. */
const perUserLimit = 50;

export interface SessionsParts {
  readonly store: BoxStore;
  readonly lifelines: Lifelines;
  readonly now: () => number;
  /** What was only to be noted could not be. */
  readonly notStored: (cause: unknown) => void;
}

/** Changes logins within a commit. */
export interface SessionWriter {
  put(session: Session): void;
  drop(id: SessionId): void;
  /** All of one person, save one; gives how many. */
  dropAll(user: UserName, but: SessionId | null): number;
}

type Change = readonly [was: Session | undefined, is: Session | undefined];

export class Sessions {
  readonly #parts: SessionsParts;
  readonly #bySecret = new Map<Digest, SessionId>();
  readonly #byRefresh = new Map<Digest, SessionId>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    for (const session of parts.store.all('sessions').values()) this.#index(undefined, session);
  }

  get(id: SessionId): Session | undefined {
    return this.#living(this.#parts.store.get('sessions', id));
  }

  bySecret(secret: string): Session | undefined {
    const id = this.#bySecret.get(hashOf('session', secret));
    return id === undefined ? undefined : this.get(id);
  }

  /** Of a token that counts, or did; the session may have expired. */
  byRefresh(hash: Digest): Session | undefined {
    const id = this.#byRefresh.get(hash);
    return id === undefined ? undefined : this.#parts.store.get('sessions', id);
  }

  /** Those that count, newest use first; null is everybody's. */
  list(user: UserName | null): readonly Session[] {
    const all = [...this.#parts.store.all('sessions').values()];
    return all
      .filter(session => (user === null || session.user === user) && this.#living(session) !== undefined)
      .toSorted((a, b) => b.lastSeen - a.lastSeen);
  }

  /** Notes that it was used; nobody waits for that. */
  touch(session: Session, from: string): void {
    const noted = touched(session, this.#parts.now(), from);
    if (noted === session) return;
    const note = this.commit((draft, write) => {
      const known = draft.get('sessions', session.id);
      if (known !== undefined)
        write.put({...known, lastSeen: noted.lastSeen, lastAddress: noted.lastAddress});
    });
    note.catch((cause: unknown) => this.#parts.notStored(cause));
  }

  /** As the store's commit; what it does to logins is known everywhere when it resolves. */
  async commit<R>(change: (draft: Draft<BoxTables>, write: SessionWriter) => R): Promise<R> {
    const {store} = this.#parts;
    const changes: Change[] = [];
    const result = await store.commit(draft => change(draft, writerFor(draft, changes)));
    for (const [was, is] of changes) this.#index(was, is);
    return result;
  }

  /** Takes away logins that have ended by themselves. */
  async sweep(): Promise<void> {
    const ended = [...this.#parts.store.all('sessions').values()].filter(
      each => this.#living(each) === undefined,
    );
    if (ended.length === 0) return;
    await this.commit((_draft, write) => {
      for (const {id} of ended) write.drop(id);
    });
  }

  #living(session: Session | undefined): Session | undefined {
    if (session === undefined) return undefined;
    const user: User | undefined = this.#parts.store.get('users', session.user);
    return isAlive(session, user, this.#parts.now()) ? session : undefined;
  }

  #index(was: Session | undefined, is: Session | undefined): void {
    if (was !== undefined) {
      this.#bySecret.delete(was.secret);
      for (const hash of refreshesOf(was)) this.#byRefresh.delete(hash);
      if (is === undefined) this.#parts.lifelines.end(was.id);
    }
    if (is === undefined) return;
    this.#bySecret.set(is.secret, is.id);
    for (const hash of refreshesOf(is)) this.#byRefresh.set(hash, is.id);
  }
}

function writerFor(draft: Draft<BoxTables>, changes: Change[]): SessionWriter {
  const of = (user: UserName): Session[] =>
    [...draft.all('sessions')].map(([, session]) => session).filter(session => session.user === user);
  const drop = (id: SessionId): void => {
    const was = draft.get('sessions', id);
    if (draft.delete('sessions', id)) changes.push([was, undefined]);
  };
  return {
    drop,
    put(session) {
      const was = draft.get('sessions', session.id);
      changes.push([was, draft.put('sessions', session.id, session)]);
      if (was !== undefined) return;
      const rest = of(session.user).toSorted((a, b) => b.lastSeen - a.lastSeen);
      for (const {id} of rest.slice(perUserLimit)) if (id !== session.id) drop(id);
    },
    dropAll(user, but) {
      const gone = of(user).filter(({id}) => id !== but);
      for (const {id} of gone) drop(id);
      return gone.length;
    },
  };
}

function refreshesOf({refresh: {current, spent}}: Session): readonly Digest[] {
  return [current, ...spent.map(({hash}) => hash)];
}

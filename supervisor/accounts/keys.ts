/** Owns the keys of people for their scripts: made, listed, looked up, revoked. Never tells a key's text again. */
import {isSame, type Random} from '../../appliance/accounts/code.ts';
import {isUsable, type Key, type KeyId, newKey, parseKey} from '../../appliance/accounts/key.ts';
import type {User} from '../../appliance/accounts/user.ts';
import type {UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {AccountTrouble, Answered, Keys} from '../../web/accounts.ts';
import type {BoxStore} from '../state.ts';
import type {Lifelines} from './lifelines.ts';
import {stored} from './stored.ts';

export interface KeyParts {
  readonly store: BoxStore;
  readonly lifelines: Lifelines;
  readonly random: Random;
  readonly now: () => number;
  readonly notStored: (cause: unknown) => void;
}

/** That count; revoked ones are kept as long, so that their owner can see what was there. */
const perUserLimit = 100;
/** As many as an answer holds, newest first. */
const shownLimit = 1000;
/** How exactly it is told when a key was last used. */
const usedMs = 60_000;

export class HomeKeys implements Keys {
  readonly #parts: KeyParts;

  constructor(parts: KeyParts) {
    this.#parts = parts;
  }

  list(owner: UserName | null): readonly Key[] {
    const all = [...this.#parts.store.all('keys').values()];
    return all
      .filter(key => owner === null || key.owner === owner)
      .toSorted((a, b) => b.created - a.created)
      .slice(0, shownLimit);
  }

  make(
    owner: UserName,
    asked: Pick<Key, 'name' | 'scopes' | 'expires'>,
  ): Answered<{readonly key: Key; readonly text: string}> {
    return stored(async () => {
      const {store, now, random} = this.#parts;
      return store.commit((draft): Result<{readonly key: Key; readonly text: string}, AccountTrouble> => {
        const user = draft.get('users', owner);
        if (user === undefined) return no({reason: 'no-such-user', name: owner});
        const theirs = [...draft.all('keys')].map(([, key]) => key).filter(key => key.owner === owner);
        if (theirs.filter(({revoked}) => revoked === null).length >= perUserLimit)
          return no({reason: 'too-many', what: 'keys', allowed: perUserLimit});
        const made = newKey({owner: user, ...asked}, now(), random);
        if (!made.ok) return made;
        const oldest = theirs
          .filter(({revoked}) => revoked !== null)
          .toSorted((a, b) => b.created - a.created);
        for (const {id} of oldest.slice(perUserLimit - 1)) draft.delete('keys', id);
        return ok({key: draft.put('keys', made.value.key.id, made.value.key), text: made.value.text});
      });
    });
  }

  revoke(id: KeyId, owner: UserName | null): Answered<Key> {
    return stored(async () => {
      const {store, now, lifelines} = this.#parts;
      const revoked = await store.commit((draft): Result<Key, AccountTrouble> => {
        const key = draft.get('keys', id);
        if (key === undefined || (owner !== null && key.owner !== owner)) return no({reason: 'no-such-key'});
        return ok(key.revoked === null ? draft.put('keys', id, {...key, revoked: now()}) : key);
      });
      if (revoked.ok) lifelines.end(id);
      return revoked;
    });
  }

  /** The key and its owner, when it counts at this moment. `used` is true once a minute: what the audit hears. */
  find(text: string): {readonly key: Key; readonly owner: User; readonly used: boolean} | null {
    const {now} = this.#parts;
    const parsed = parseKey(text);
    const found = parsed === null ? null : this.byId(parsed.id);
    if (parsed === null || found === null || !isSame(found.key.hash, parsed.hash)) return null;
    const {key, owner} = found;
    const used = key.lastUsed === null || Math.abs(now() - key.lastUsed) >= usedMs;
    if (used) this.#note(key.id);
    return {key, owner, used};
  }

  /** One that counts at this moment, whoever asks. */
  byId(id: KeyId): {readonly key: Key; readonly owner: User} | null {
    const {store, now} = this.#parts;
    const key = store.get('keys', id);
    const owner = key === undefined ? undefined : store.get('users', key.owner);
    if (key === undefined || owner === undefined || !isUsable(key, owner, now())) return null;
    return {key, owner};
  }

  #note(id: KeyId): void {
    const {store, now, notStored} = this.#parts;
    const note = store.commit(draft => {
      const key = draft.get('keys', id);
      if (key !== undefined) draft.put('keys', id, {...key, lastUsed: now()});
    });
    note.catch(notStored);
  }
}

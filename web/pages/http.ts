/** Owns how a page in a browser reaches the box: one request a call, and what is asked for again with a password. */
import type {Answered, AskName, Call} from './call.ts';

/** Where each route is: written in when the pages are bundled. */
declare const ROUTES: Readonly<Record<AskName, readonly [method: string, path: string]>>;

/** The one cookie that a page can read; sent back, it shows that the page meant what it asks. */
export function csrf(): string {
  return /(?:^|; )(?:__Host-)?csrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
}

export interface HttpSetting {
  /** What cannot be reached, in words. */
  readonly unreached: () => {readonly what: string; readonly fix: string};
  /** Asks for the password; false when somebody would rather not. */
  readonly proveIt: () => Promise<boolean>;
  /** The login has ended. */
  readonly loggedOut: () => void;
}

export function httpCall({unreached, proveIt, loggedOut}: HttpSetting): Call {
  const once = async (name: AskName, input: Input): Promise<Answered<unknown>> => {
    const [method, path] = ROUTES[name];
    const {body} = input;
    const headers = {
      Accept: 'application/json',
      ...(method === 'GET' ? {} : {'X-CSRF-Token': csrf()}),
      ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
    };
    try {
      const init = {method, headers, ...(body === undefined ? {} : {body: JSON.stringify(body)})};
      const response = await fetch(address(path, input), init);
      const answer = await response.json();
      return response.ok ? {ok: true, value: answer} : {ok: false, why: answer.error};
    } catch {
      return {ok: false, why: {code: 'unreached', ...unreached()}};
    }
  };
  const call = async (name: AskName, input: object): Promise<Answered<unknown>> => {
    const answer = await once(name, input);
    if (answer.ok) return answer;
    if (answer.why.code === 'unknown-caller' && name !== 'auth.logout') loggedOut();
    if (answer.why.code === 'not-fresh' && (await proveIt())) return once(name, input);
    return answer;
  };
  // The row says what its answer is; the box holds itself to it.
  return call as Call;
}

function address(path: string, {params = {}, query = {}}: Input): string {
  const filled = path.replaceAll(/:([a-z]+)/g, (_, field: string) =>
    encodeURIComponent(String(params[field])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

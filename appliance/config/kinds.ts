/**
 * Owns the kinds of value that a setting can have: how its text is parsed, how it is written again, and the words for
 * what is allowed. Never knows which settings there are, nor where a text came from.
 *
 * One rule for "no limit" everywhere: the word `unlimited`, which is null in code. 0 is never taken for it, because
 * some programs read 0 as "none" and some as "all"; where it stands, it is a plain zero.
 */
import {isIP} from 'node:net';
import {isAbsolute, normalize, resolve} from 'node:path';
import {z} from 'zod';
import {UserName} from '../job.ts';
import {type LanguageTag, languageTags, readLanguage} from '../languages.ts';
import type {Order} from '../order.ts';
import {Secret} from './secret.ts';

export interface Kind<T> {
  readonly schema: z.ZodType<T, string>;
  /** Ends a sentence: "allowed is …". */
  readonly allowed: string;
  /** The text that would be read as this value. */
  write(value: T): string;
  /** What of a refused text may be shown: it may be a password that was put into the wrong line. */
  shown(text: string): string | null;
  /** Where a path that is not absolute starts from. */
  placed(value: T, root: string): T;
}

export type Unit = 'seconds' | 'minutes' | 'hours' | 'days' | 'MB' | 'GB';

type Parts<T> = Pick<Kind<T>, 'schema' | 'allowed'> & Partial<Kind<T>>;

function kind<T>(parts: Parts<T>): Kind<T> {
  return {write: String, shown: text => text, placed: value => value, ...parts};
}

export const unlimited = 'unlimited';

export const flag: Kind<boolean> = kind({
  schema: z.enum(['0', '1']).transform(text => text === '1'),
  allowed: '0 (no) or 1 (yes)',
  write: value => (value ? '1' : '0'),
});

export function choice<const Options extends readonly [string, ...string[]]>(
  options: Options,
): Kind<Options[number]> {
  return kind({schema: z.enum(options), allowed: listed(options)});
}

const loudness: ReadonlyMap<string, Order['loudnessLufs']> = new Map([
  ['-14', -14],
  ['-16', -16],
  ['-23', -23],
]);

export const loudnessLufs: Kind<Order['loudnessLufs']> = kind({
  schema: z.string().transform((text, context) => loudness.get(text) ?? refused(context)),
  allowed: `${listed([...loudness.keys()])} (LUFS)`,
});

interface Range {
  readonly from: number;
  readonly to: number;
  readonly unit?: Unit;
}

export function whole(range: Range): Kind<number> {
  return kind({schema: wholeIn(range), allowed: `a whole number${of(range)}`});
}

/** With up to three digits after the point. */
export function amount({from, to, unit}: Required<Range>): Kind<number> {
  return kind({
    schema: z
      .string()
      .regex(/^(?:0|[1-9]\d{0,9})(?:\.\d{1,3})?$/)
      .transform(Number)
      .pipe(z.number().min(from).max(to)),
    allowed: `a number${of({from, to, unit})}`,
  });
}

/** A whole number, or null where there is no limit. */
export function limit(range: Range): Kind<number | null> {
  return kind({
    schema: z.union([z.literal(unlimited).transform(() => null), wholeIn(range)]),
    allowed: `a whole number${of(range)}, or ${unlimited}`,
    write: value => (value === null ? unlimited : String(value)),
  });
}

export const language: Kind<LanguageTag> = kind({
  schema: z.string().transform((text, context) => readLanguage(text) ?? refused(context)),
  allowed: listed(languageTags),
});

export const userName: Kind<UserName> = kind({
  schema: z.string().pipe(UserName),
  allowed: '1 to 32 small letters, digits, - and _, with a letter or digit at both ends',
});

export const folder: Kind<string> = kind({
  schema: z
    .string()
    .max(4000)
    .regex(/^(?![~\s])\P{Cc}*(?<!\s)$/u)
    .min(1)
    .refine(path => normalize(path) !== '/'),
  allowed: 'a folder other than /, absolute or from the folder of Dubstead; ~ is not expanded',
  placed: (path, root) => resolve(root, path),
});

/** Absolute ones with commas between them: none may have a comma in its name. */
export const folders: Kind<readonly string[]> = kind({
  schema: z
    .string()
    .max(16_000)
    .transform((text, context) => {
      const parts = partsOf(text);
      const isFine = parts.every(part => isAbsolute(part) && folder.schema.safeParse(part).success);
      return isFine && parts.length <= 100
        ? [...new Set(parts.map(part => resolve(part)))]
        : refused(context);
    }),
  allowed: 'up to 100 absolute folders other than /, with commas between them',
  write: value => value.join(', '),
});

export const address: Kind<string> = kind({
  schema: z.string().refine(text => isIP(text) !== 0 || text === 'localhost'),
  allowed: 'an IP address such as 127.0.0.1, 0.0.0.0 or ::1, or localhost',
});

export const group: Kind<string> = kind({
  schema: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,31}$/),
  allowed: 'the name of a group of this machine',
});

/** As podman and docker have it: a name with its registry, and a tag, a digest or both. */
export const image: Kind<string> = kind({
  schema: z
    .string()
    .max(512)
    .regex(
      /^[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    ),
  allowed: 'one image, such as registry.example.org/dubstead:1.2 or localhost/dubstead@sha256:…',
});

/** An origin: a path, a query, a name or a password in it could be a secret, and would be lost or told. */
export function origin(protocols: readonly ('http' | 'https')[], example: string): Kind<string> {
  return kind({
    schema: z
      .string()
      .max(300)
      .transform((text, context) => originIn(text, protocols) ?? refused(context)),
    allowed: `an address such as ${example}, beginning with ${listed(protocols.map(name => `${name}://`))}, without a path, name or password`,
    shown: shownOrigin,
  });
}

/** Origins with commas between them; `*`, which is everybody, is none. */
export function origins(example: string): Kind<readonly string[]> {
  const one = origin(['http', 'https'], example);
  return kind({
    schema: z
      .string()
      .max(4000)
      .transform((text, context) => {
        const parsed = partsOf(text).map(part => one.schema.safeParse(part));
        return !text.includes('*') && parsed.every(({success}) => success)
          ? parsed.flatMap(({data}) => data ?? [])
          : refused(context);
      }),
    allowed: `addresses such as ${example} with commas between them, each beginning with http:// or https:// and without a path; never *`,
    write: value => value.join(', '),
    shown: text =>
      partsOf(text)
        .map(part => shownOrigin(part) ?? '…')
        .join(', '),
  });
}

export const subnets: Kind<readonly string[]> = kind({
  schema: z
    .string()
    .max(4000)
    .transform((text, context) => {
      const parts = partsOf(text);
      return parts.every(isSubnet) ? parts : refused(context);
    }),
  allowed: 'addresses or networks such as 127.0.0.1 or 10.0.0.0/24, with commas between them',
  write: value => value.join(', '),
});

function isSubnet(text: string): boolean {
  const [network = '', bits, ...rest] = text.split('/');
  const family = isIP(network);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^(?:[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function partsOf(text: string): readonly string[] {
  return text.split(',').map(part => part.trim());
}

export function plainText(pattern: RegExp, allowed: string): Kind<string> {
  return kind({schema: z.string().regex(pattern), allowed});
}

/** A text that nobody may read. `allowed` says its form. */
export function secretText(pattern: RegExp, allowed: string): Kind<Secret> {
  return kind({
    schema: z
      .string()
      .regex(pattern)
      .transform(text => new Secret(text)),
    allowed,
    shown: () => null,
  });
}

function originIn(text: string, protocols: readonly string[]): string | undefined {
  if (!/^[a-z]+:\/\/[^\s\p{C}\\]+$/u.test(text) || !URL.canParse(text)) return undefined;
  const {protocol, origin, username, password, pathname, search, hash} = new URL(text);
  const isPlain = username + password + search + hash === '' && pathname === '/';
  return isPlain && protocols.includes(protocol.slice(0, -1)) ? origin : undefined;
}

function shownOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const {protocol, host, href} = new URL(text);
  if (host === '') return null;
  return href === `${protocol}//${host}/` ? text : `${protocol}//${host}/…`;
}

function wholeIn({from, to}: Range): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^(?:0|-?[1-9]\d{0,9})$/)
    .transform(Number)
    .pipe(z.number().min(from).max(to));
}

function of({from, to, unit}: Range): string {
  return `${unit === undefined ? '' : ` of ${unit}`} from ${from} to ${to}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function refused(context: z.core.$RefinementCtx): never {
  context.issues.push({code: 'custom', input: context.value, message: 'is not allowed'});
  return z.NEVER;
}

/** Owns `dubstead key`: the keys that people made for their scripts, and ending one. Makes none: a key is a person’s. */
import {no, ok, type Result} from '../../appliance/result.ts';
import {attempt} from '../attempt.ts';
import {jsonLine} from '../clean.ts';
import {answered, findDaemon} from '../daemon.ts';
import {exitCodes} from '../exit-codes.ts';
import {type IdStart, type Kind, oneOf, readIdStart} from '../ids.ts';
import {unsure} from '../sure.ts';
import {flag, type Given, verb} from '../verb.ts';
import {keysTable} from '../views/keys.ts';
import {say, tableColumnsOf, type World} from '../world.ts';

interface Asked {
  /** The one to end; null is to list all. */
  readonly revoke: IdStart | null;
  readonly yes: boolean;
  readonly json: boolean;
}

const keys: Kind = {what: 'key', characters: 12, list: 'dubstead key'};

const options = {
  yes: flag('with revoke: do not ask whether that is meant'),
  json: flag('answer with one JSON object'),
};

const deeds = ['list', 'revoke'] as const;

export const key = verb({
  name: 'key',
  takes: `[${deeds.join('|')}] [ID] [--yes] [--json]`,
  short: '[revoke ID]',
  brief: 'everybody’s keys for scripts, and ending one',
  about:
    'list shows every key: whose, what it may, until when, and when it was last used. revoke ID ends one at once, and the streams that it opened. A key belongs to a person and can never do more than they may, so they make it: on the page /settings, or by POST /api/keys.',
  options,
  deeds,
  examples: ['dubstead key', 'dubstead key revoke k3v9'],
  words: 'some',
  read,
  run: (asked, world) => attempt(world, asked.json, () => run(asked, world)),
});

function read(
  {yes, json}: Given<typeof options>,
  [is = 'list', id, ...rest]: readonly string[],
): Result<Asked, string> {
  const flags = {yes: yes === true, json: json === true};
  if (is === 'list')
    return id === undefined ? ok({revoke: null, ...flags}) : no('No id goes with dubstead key list.');
  if (id === undefined || rest.length > 0) return no(`Name one key by its id; ${keys.list} lists them.`);
  const start = readIdStart(id, keys);
  return start.ok ? ok({revoke: start.value, ...flags}) : start;
}

async function run({revoke, yes, json}: Asked, world: World): Promise<number> {
  const {screen, signal, clock} = world;
  const {client} = await findDaemon(world);
  const all = await answered(client.call('keys.all', {}, {signal}));
  if (revoke === null) {
    if (json) screen.write(jsonLine(all));
    else if (all.keys.length === 0) say(screen, ['There are no keys.']);
    else say(screen, keysTable(all.keys, clock.now(), tableColumnsOf(screen)));
    return exitCodes.done;
  }
  const {id, name, owner} = oneOf(all.keys, revoke, keys, one => `${one.name} of ${one.owner}`);
  const question = `End the key ${name} of ${owner}?`;
  const code = await unsure(world, {yes, json, question, line: `dubstead key revoke ${id} --yes`});
  if (code !== null) return code;
  const ended = await answered(client.call('keys.end', {params: {key: id}}, {signal}));
  if (json) screen.write(jsonLine({key: ended}));
  else say(screen, [`The key ${name} of ${owner} opens nothing any more.`]);
  return exitCodes.done;
}

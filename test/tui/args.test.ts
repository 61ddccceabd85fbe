/** Command lines, good and bad, and the help that goes with them. */
import t from 'tap';
import {rows} from '../../appliance/api/rows.ts';
import type {Order} from '../../appliance/order.ts';
import {Order as OrderSchema} from '../../appliance/order.ts';
import {readArgs} from '../../tui/args.ts';
import {exitCodes} from '../../tui/exit-codes.ts';
import {help} from '../../tui/help.ts';
import {verbOf, verbs} from '../../tui/verbs.ts';
import {widthOf} from '../../tui/width.ts';

const around = {folder: '/home/ana', processors: 6};
const words = (line: string): string[] => (line === '' ? [] : line.split(' '));

const usual: Order = {
  ...{source: '/home/ana/film.mp4', from: null, to: 'es', subtitles: null, preset: 'balanced'},
  ...{out: '/home/ana/dub', hls: false, loudnessLufs: -16, keep: 'lines', processors: 6},
};

/** An errand as its verb and what is asked of it; help and version as they are. */
function read(argv: readonly string[]): unknown {
  const answer = readArgs(argv, around, verbOf);
  if (!answer.ok) throw new Error(`${argv.join(' ')}: ${answer.why.what}`);
  if (answer.value.is !== 'errand') return answer.value;
  const {verb, asked} = answer.value.errand;
  return {verb, asked};
}

function misuse(argv: readonly string[]) {
  const answer = readArgs(argv, around, verbOf);
  return answer.ok ? {what: `taken as ${JSON.stringify(answer.value)}`, verb: undefined} : answer.why;
}

t.test('dub: every option finds its place in the order', async t => {
  const table: readonly [line: string, change: Partial<Order>][] = [
    ['dub film.mp4 --to es', {}],
    ['dub --to es film.mp4', {}],
    ['dub --to=es -- film.mp4', {}],
    ['dub ./film.mp4 --to Spanish', {}],
    ['dub ../x/film.mp4 --to es-419', {source: '/home/x/film.mp4'}],
    ['dub /films/film.mp4 --to spa', {source: '/films/film.mp4'}],
    ['dub --to es -- -y.mp4', {source: '/home/ana/-y.mp4'}],
    ['dub film.mp4 --to ja --from en', {to: 'ja', from: 'en'}],
    ['dub film.mp4 --to es --from español', {from: 'es'}],
    ['dub film.mp4 --to es --subs a.srt', {subtitles: '/home/ana/a.srt'}],
    ['dub film.mp4 --to es --subs /s/a.srt', {subtitles: '/s/a.srt'}],
    ['dub film.mp4 --to es --preset best', {preset: 'best'}],
    ['dub film.mp4 --to es --preset fast', {preset: 'fast'}],
    ['dub film.mp4 --to es --out /tmp/x/../y/', {out: '/tmp/y'}],
    ['dub film.mp4 --to es --out .', {out: '/home/ana'}],
    ['dub film.mp4 --to es --out -odd', {out: '/home/ana/-odd'}],
    ['dub film.mp4 --to es --hls', {hls: true}],
    ['dub film.mp4 --to es --loudness -14', {loudnessLufs: -14}],
    ['dub film.mp4 --to es --loudness=-23', {loudnessLufs: -23}],
    ['dub film.mp4 --to es --loudness -16.0', {loudnessLufs: -16}],
    ['dub film.mp4 --to es --keep work', {keep: 'work'}],
    ['dub film.mp4 --to es --processors 1', {processors: 1}],
    ['dub film.mp4 --to es --to ja', {to: 'ja'}],
  ];
  for (const [line, change] of table) {
    const order = {...usual, ...change};
    t.strictSame(read(words(line)), {verb: 'dub', asked: {orders: [order], json: false}}, line);
    t.ok(OrderSchema.safeParse(order).success, line);
  }
});

t.test('dub: titles are taken as they are', async t => {
  const titles = [
    'a "b" \'c\'.mp4',
    '$(rm -rf x).mp4',
    'となりの映画.mkv',
    '😀.mp4',
    'a\nb.mp4',
    ' .mp4',
    'x'.repeat(200),
  ];
  for (const title of titles) {
    t.match(read(['dub', title, '--to', 'es']), {asked: {orders: [{source: `/home/ana/${title}`}]}}, title);
  }
});

t.test('dub: several videos are several orders', async t => {
  const invocation = read(words('dub a.mp4 /b.mkv a.mp4 --to es --json --out o'));
  t.strictSame(invocation, {
    verb: 'dub',
    asked: {
      json: true,
      orders: ['/home/ana/a.mp4', '/b.mkv', '/home/ana/a.mp4'].map(source => ({
        ...{...usual, source, out: '/home/ana/o'},
      })),
    },
  });
  t.match(read(words('dub --to es -- --from -y.mp4')), {
    asked: {orders: [{source: '/home/ana/--from'}, {source: '/home/ana/-y.mp4'}]},
  });
  const many = Array.from({length: 5000}, (_, i) => `${i}.mp4`);
  t.match(read(['dub', ...many, '--to', 'es']), {asked: {orders: {length: 5000}}});
});

t.test('edit: which line of which dub, and its words', async t => {
  const base = {out: '/home/ana/dub', title: null, line: 7, text: 'Nos vemos.'};
  const table: readonly [argv: readonly string[], change: object, json?: true][] = [
    [['dub', '--line', '7', '--text', 'Nos vemos.'], {}],
    [['--text', '  Nos vemos. ', '--line=7', '/d'], {out: '/d'}],
    [['dub', '--line', '7', '--text', '- ¿Sí?', '--json'], {text: '- ¿Sí?'}, true],
    [['dub', '--line', '7', '--text=-No.'], {text: '-No.'}],
    [['dub', '--line', '7', '--text', '-14'], {text: '-14'}],
    [
      ['dub', '--line', '7', '--text', '日本語 😀', '--title', 'film.es'],
      {text: '日本語 😀', title: 'film.es'},
    ],
    [['dub', '--line', '7', '--text', 'x'.repeat(4000)], {text: 'x'.repeat(4000)}],
  ];
  for (const [argv, change, json = false] of table) {
    const asked = {is: 'line', edit: {...base, ...change}, json};
    t.strictSame(read(['edit', ...argv]), {verb: 'edit', asked});
  }
});

t.test('edit: a speaker’s name and voice; what is left out stays, and nothing takes it back', async t => {
  const base = {out: '/home/ana/dub', title: null, speaker: 'S1'};
  const table: readonly [argv: readonly string[], change: object][] = [
    [['--name', 'Anna', '--voice', 'espeak-ng:f4'], {name: 'Anna', voice: 'espeak-ng:f4'}],
    [['--name', ' Anna '], {name: 'Anna'}],
    [['--voice='], {voice: null}],
    [['--name', '', '--title', 'film.es'], {name: null, title: 'film.es'}],
  ];
  for (const [argv, change] of table) {
    const asked = {is: 'speaker', json: false, edit: {...base, ...change}};
    t.strictSame(read(['edit', 'dub', '--speaker', 'S1', ...argv]), {verb: 'edit', asked});
  }
});

t.test('submit: what is left out is the box’s to choose', async t => {
  const base = {path: '/home/ana/film.mp4', options: {}, sidecars: [], priority: 0};
  const table: readonly [line: string, change: object, rest?: object][] = [
    ['film.mp4', {}],
    ['/films/film.mp4', {path: '/films/film.mp4'}],
    ['-- -y.mp4', {path: '/home/ana/-y.mp4'}],
    ['film.mp4 --to Spanish --from eng', {options: {to: 'es', from: 'en'}}],
    ['film.mp4 --preset best --hls', {options: {preset: 'best', hls: true}}],
    ['film.mp4 --loudness -23', {options: {loudnessLufs: -23}}],
    ['film.mp4 --keep work', {options: {keep: 'work'}}],
    ['film.mp4 --keep lines', {options: {keep: 'lines'}}],
    ['film.mp4 --like Cinema', {like: 'Cinema'}],
    ['film.mp4 --subs a.srt', {sidecars: ['/home/ana/a.srt']}],
    ['film.mp4 --subs a.es.srt --subs /b.srt', {sidecars: ['/home/ana/a.es.srt', '/b.srt']}],
    ['film.mp4 --owner ann', {owner: 'ann'}],
    ['film.mp4 --priority -5', {priority: -5}],
    ['film.mp4 --priority=100', {priority: 100}],
    ['film.mp4 --follow', {}, {follow: true}],
    ['--json film.mp4', {}, {json: true}],
  ];
  const {body} = rows['jobs.submit'];
  for (const [line, change, rest = {}] of table) {
    const asked = {bodies: [{...base, ...change}], follow: false, json: false, ...rest};
    t.strictSame(read(['submit', ...words(line)]), {verb: 'submit', asked}, line);
    t.ok(body.schema.safeParse(asked.bodies[0]).success, 'and the daemon takes it');
  }
  t.match(read(words('submit a.mp4 b.mp4')), {
    asked: {bodies: [{path: '/home/ana/a.mp4'}, {path: '/home/ana/b.mp4'}]},
  });
});

t.test('the other verbs of the appliance', async t => {
  const table: Readonly<Record<string, object>> = {
    up: {},
    status: {json: false},
    'status --json': {json: true},
    jobs: {query: {}, limit: 20, json: false},
    'jobs --all': {query: {}, limit: 100_000, json: false},
    'jobs --limit 7 --json': {query: {}, limit: 7, json: true},
    'jobs --state queued': {query: {state: ['queued']}, limit: 20, json: false},
    'jobs --state failed,set-aside,failed': {query: {state: ['failed', 'set-aside']}, limit: 20, json: false},
    'jobs --owner ann --search film': {query: {owner: 'ann', q: 'film'}, limit: 20, json: false},
    'jobs --search -x': {query: {q: '-x'}, limit: 20, json: false},
    'job k3v9abcdef': {id: 'k3v9abcdef', json: false},
    'job k3v9 --json': {id: 'k3v9', json: true},
    'job K3V9': {id: 'k3v9', json: false},
    'job OIL0': {id: '0110', json: false},
    'cancel k3v9 abcd': {ids: ['k3v9', 'abcd'], json: false},
    'retry k3v9 --json': {ids: ['k3v9'], json: true},
    'pause k3v9': {ids: ['k3v9'], json: false},
    pause: {ids: [], json: false},
    resume: {ids: [], json: false},
    user: {deed: {is: 'list'}, yes: false, json: false},
    'user add ann --role admin': {deed: {is: 'add', name: 'ann', role: 'admin'}, yes: false, json: false},
    'user invite --days 2 --json': {
      deed: {is: 'invite', name: null, role: 'operator', days: 2},
      yes: false,
      json: true,
    },
    'user role ann viewer': {deed: {is: 'role', name: 'ann', role: 'viewer'}, yes: false, json: false},
    'user remove ann': {deed: {is: 'remove', name: 'ann'}, yes: false, json: false},
    'user remove ann --yes': {deed: {is: 'remove', name: 'ann'}, yes: true, json: false},
    'user code': {deed: {is: 'code'}, yes: false, json: false},
    session: {deed: {is: 'list', user: null}, yes: false, json: false},
    'session list --user ann --json': {deed: {is: 'list', user: 'ann'}, yes: false, json: true},
    'session end K3V9': {deed: {is: 'end', whose: {is: 'one', id: 'k3v9'}}, yes: false, json: false},
    'session end --user ann --yes': {
      ...{deed: {is: 'end', whose: {is: 'all', user: 'ann'}}, yes: true, json: false},
    },
    'session end --all': {deed: {is: 'end', whose: {is: 'all', user: null}}, yes: false, json: false},
    'session pending': {deed: {is: 'pending'}, yes: false, json: false},
    'session approve k3v9 42 --as ann': {
      ...{deed: {is: 'approve', id: 'k3v9', number: '42', as: 'ann'}, yes: false, json: false},
    },
    'session deny k3v9abcdefghjkm': {deed: {is: 'deny', id: 'k3v9abcdefghjkm'}, yes: false, json: false},
    key: {revoke: null, yes: false, json: false},
    'key revoke k3v9': {revoke: 'k3v9', yes: false, json: false},
    audit: {is: 'list', wanted: {}, lines: 50, follow: false, json: false},
    'audit list -fn 20 --user ann --action job.purged --json': {
      ...{is: 'list', wanted: {user: 'ann', action: 'job.purged'}, lines: 20, follow: true, json: true},
    },
    'audit verify --json': {is: 'verify', json: true},
    'priority k3v9 10': {id: 'k3v9', priority: 10, json: false},
    'priority k3v9 -5': {id: 'k3v9', priority: -5, json: false},
    'priority k3v9 -100 --json': {id: 'k3v9', priority: -100, json: true},
    'priority k3v9 +1': {id: 'k3v9', priority: 1, json: false},
    'priority -5 k3v9': {id: 'k3v9', priority: -5, json: false},
    'logs k3v9': {id: 'k3v9', follow: false, lines: 200, json: false},
    'logs k3v9 -f -n 0': {id: 'k3v9', follow: true, lines: 0, json: false},
    'logs -n 20 k3v9': {id: 'k3v9', follow: false, lines: 20, json: false},
    'logs -fn20 k3v9': {id: 'k3v9', follow: true, lines: 20, json: false},
    'logs k3v9 --follow --lines=2000': {id: 'k3v9', follow: true, lines: 2000, json: false},
    drain: {json: false},
    storage: {json: false},
    'storage --json': {json: true},
    retention: {sweep: false, json: false},
    'retention sweep --json': {sweep: true, json: true},
    purge: {
      ...{kinds: ['uploads', 'intermediates', 'outputs', 'logs', 'deleted'], olderThanDays: 0},
      ...{users: [], jobs: [], yes: false, json: false},
    },
    'purge --kind logs,outputs,logs --older-than 30 --user ann --user bob --job K3V9 --yes': {
      ...{kinds: ['logs', 'outputs'], olderThanDays: 30, users: ['ann', 'bob'], jobs: ['k3v9']},
      ...{yes: true, json: false},
    },
    inbox: {rescan: false, json: false},
    'inbox --rescan --json': {rescan: true, json: true},
    config: {json: false},
    engines: {json: false},
    'engines --json': {json: true},
  };
  for (const [line, asked] of Object.entries(table))
    t.strictSame(read(words(line)), {verb: words(line)[0], asked}, line);
});

t.test('the rest', async t => {
  const table: Readonly<Record<string, object>> = {
    '': {is: 'help', about: undefined},
    help: {is: 'help', about: undefined},
    '--help': {is: 'help', about: undefined},
    '-h': {is: 'help', about: undefined},
    'help nonsense': {is: 'help', about: undefined},
    'help constructor': {is: 'help', about: undefined},
    'dub -h': {is: 'help', about: 'dub'},
    'edit x --help': {is: 'help', about: 'edit'},
    version: {is: 'version'},
    '--version': {is: 'version'},
  };
  for (const [line, invocation] of Object.entries(table)) t.strictSame(read(words(line)), invocation, line);
  for (const {name} of verbs) {
    t.strictSame(read(['help', name]), {is: 'help', about: name});
    t.strictSame(read([name, '--help']), {is: 'help', about: name});
  }
});

t.test('a mistake is told in one sentence that names it', async t => {
  const table: readonly [argv: readonly string[], verb: string | undefined, what: RegExp][] = [
    [['dubb'], undefined, /no command "dubb"/],
    [['Dub'], undefined, /no command "Dub"/],
    [['--json'], undefined, /no command "--json"/],
    [words('dub --to es'), 'dub', /at least one video/],
    [words('dub a.mp4'), 'dub', /--to/],
    [words('dub a.mp4 --to'), 'dub', /'--to <value>' argument missing/],
    [words('dub a.mp4 --to klingon'), 'dub', /"klingon" is no language known here; known are en, es/],
    [words('dub a.mp4 --to constructor'), 'dub', /"constructor" is no language/],
    [['dub', 'a.mp4', '--to', ''], 'dub', /"" is no language/],
    [words('dub a.mp4 --to es --from xx'), 'dub', /"xx" is no language/],
    [words('dub a.mp4 --to es --preset quick'), 'dub', /--preset is fast, balanced or best, not "quick"/],
    [words('dub a.mp4 --to es --loudness -15'), 'dub', /--loudness is -14, -16 or -23, not "-15"/],
    [words('dub a.mp4 --to es --loudness loud'), 'dub', /not "loud"/],
    [['dub', 'a.mp4', '--to', 'es', '--loudness', ''], 'dub', /not ""/],
    [words('dub a.mp4 --to es --loudness --hls'), 'dub', /--loudness/],
    [words('dub a.mp4 --to es --keep all'), 'dub', /--keep is work, not "all"/],
    [words('dub a.mp4 --to es --processors 0'), 'dub', /1 to 256, not "0"/],
    [words('dub a.mp4 --to es --processors 1.5'), 'dub', /not "1\.5"/],
    [words('dub a.mp4 --to es --processors -2'), 'dub', /not "-2"/],
    [words('dub a.mp4 --to es --processors 999'), 'dub', /not "999"/],
    [words('dub a.mp4 b.mp4 --to es --subs x.srt'), 'dub', /--subs goes with one video/],
    [words('dub a.mp4 --to es --fast'), 'dub', /^Unknown option '--fast'\.$/],
    [words('dub -y.mp4 --to es'), 'dub', /^Unknown option '-y'\.$/],
    [words('dub a.mp4 --to es --hls=yes'), 'dub', /--hls/],
    [words('edit --line 1 --text x'), 'edit', /one folder/],
    [words('edit a b --line 1 --text x'), 'edit', /one folder/],
    [words('edit a --text x'), 'edit', /which line/],
    [words('edit a --line 0 --text x'), 'edit', /number from 1/],
    [words('edit a --line -3 --text x'), 'edit', /number from 1/],
    [words('edit a --line two --text x'), 'edit', /number from 1/],
    [words('edit a --line 1'), 'edit', /--text/],
    [words('edit a --name Anna'), 'edit', /--speaker/],
    [words('edit a --speaker S1'), 'edit', /--name or --voice/],
    [words('edit a --speaker S1 --name Anna --line 1'), 'edit', /one at a time/],
    [['edit', 'a', '--speaker', 'S1', '--name', 'x'.repeat(61)], 'edit', /up to 60/],
    [['edit', 'a', '--speaker', ''], 'edit', /--name or --voice/],
    [['edit', 'a', '--speaker', '', '--name', 'x'], 'edit', /--speaker/],
    [['edit', 'a', '--line', '1', '--text', ' \n'], 'edit', /--text/],
    [['edit', 'a', '--line', '1', '--text', 'x'.repeat(4001)], 'edit', /up to 4000 characters/],
    [words('engines x'), 'engines', /Unexpected argument 'x'/],
    [words('engines --to es'), 'engines', /Unknown option '--to'/],
    [words('up now'), 'up', /Unexpected argument 'now'/],
    [words('up --json'), 'up', /Unknown option '--json'/],
    [words('submit'), 'submit', /at least one video/],
    [words('submit a.mp4 b.mp4 --subs x.srt'), 'submit', /--subs goes with one video/],
    [['submit', 'a', ...Array(21).fill('--subs=x')], 'submit', /up to 20 files/],
    [words('submit a.mp4 --to klingon'), 'submit', /"klingon" is no language/],
    [words('submit a.mp4 --preset quick'), 'submit', /--preset is fast/],
    [words('submit a.mp4 --loudness 0'), 'submit', /--loudness is -14/],
    [words('submit a.mp4 --keep all'), 'submit', /--keep is work or lines, not "all"/],
    [words('submit a.mp4 --owner Ann'), 'submit', /--owner is a user's name in small letters, not "Ann"/],
    [words('submit a.mp4 --owner ../x'), 'submit', /--owner/],
    [words('submit a.mp4 --priority 101'), 'submit', /--priority is a number from -100 to 100, not "101"/],
    [words('submit a.mp4 --priority high'), 'submit', /not "high"/],
    [words('jobs --state busy'), 'jobs', /--state is one or more of queued, .*, not "busy"/],
    [words('jobs --state queued,'), 'jobs', /not ""/],
    [words('jobs --limit 0'), 'jobs', /--limit is a number from 1 to 100000/],
    [words('jobs --limit 1e3'), 'jobs', /not "1e3"/],
    [words('jobs --all --limit 3'), 'jobs', /exclude each other/],
    [['jobs', '--search', ''], 'jobs', /1 to 100 characters/],
    [['jobs', '--search', 'x'.repeat(101)], 'jobs', /1 to 100 characters/],
    [words('job'), 'job', /Name one job/],
    [words('job k3v9 abcd'), 'job', /Name one job/],
    [words('job k3v'), 'job', /"k3v" is too short/],
    [words('job ../../status'), 'job', /is no job's id/],
    [words('job k3v9abcdefg'), 'job', /is no job's id/],
    [words('job kuku'), 'job', /is no job's id/],
    [words('cancel'), 'cancel', /at least one job/],
    [words('cancel k3v9 x'), 'cancel', /"x" is too short/],
    [words('retry'), 'retry', /at least one job/],
    [words('user add'), 'user', /Name the user: dubstead user add ann/],
    [words('user add Ann'), 'user', /"Ann" cannot be a user's name/],
    [words('user add ann bob'), 'user', /one user at a time/],
    [words('user add ann --role king'), 'user', /--role is viewer, operator or admin, not "king"/],
    [words('user role ann'), 'user', /Name the role as well/],
    [words('user role ann king'), 'user', /A role is viewer, operator or admin, not "king"/],
    [words('user list ann'), 'user', /^No name goes with/],
    [words('user fire ann'), 'user', /list, add, .* or code, not "fire"/],
    [words('session list k3v9'), 'session', /No id goes with/],
    [words('session pending k3v9'), 'session', /No id goes with/],
    [words('session end'), 'session', /one by its id, all of somebody with --user, or --all/],
    [words('session end k3v9 --all'), 'session', /which login ends/],
    [words('session end --user ann --all'), 'session', /which login ends/],
    [words('session end k3v9 k3v8'), 'session', /one at a time/],
    [words('session end k3'), 'session', /"k3" is too short for a login/],
    [
      words('session end k3v9abcdefg'),
      'session',
      /no login's id: ids are up to 10 .* as dubstead session lists/,
    ],
    [words('session --all'), 'session', /--all goes with end/],
    [words('session pending --user ann'), 'session', /--user goes with list and end/],
    [words('session end k3v9 --as ann'), 'session', /--as goes with approve/],
    [words('session --user Ann'), 'session', /--user is a user's name/],
    [words('session approve'), 'session', /Name the device/],
    [words('session approve k3v9'), 'session', /two digits/],
    [words('session approve k3v9 4'), 'session', /two digits/],
    [words('session approve k3v9 42 1'), 'session', /one at a time/],
    [words('session deny'), 'session', /Name the device/],
    [words('session kick ann'), 'session', /not "kick"/],
    [words('key revoke'), 'key', /Name one key/],
    [words('key revoke k3v9 k3v8'), 'key', /Name one key/],
    [words('key list k3v9'), 'key', /No id goes with/],
    [words('key make backup'), 'key', /list or revoke, not "make"/],
    [words('audit check'), 'audit', /list or verify, not "check"/],
    [words('audit verify now'), 'audit', /Nothing goes with/],
    [words('audit verify -n 3'), 'audit', /checks all of the audit/],
    [words('audit --user Ann'), 'audit', /--user is a user's name/],
    [words('audit --action login'), 'audit', /not "login"/],
    [words('audit -n 0'), 'audit', /--lines is a number from 1 to 10000/],
    [words('user invite --days 31'), 'user', /--days is a number from 1 to 30/],
    [words('priority k3v9'), 'priority', /Name one job by its id, and its priority/],
    [words('priority k3v9 1 2'), 'priority', /Name one job by its id, and its priority/],
    [words('priority k3v9 1.5'), 'priority', /from -100 to 100, not "1\.5"/],
    [words('priority k3v9 -101'), 'priority', /not "-101"/],
    [words('cancel -5'), 'cancel', /Unknown option '-5'/],
    [words('logs k3v9 -n 2001'), 'logs', /--lines is a number from 0 to 2000/],
    [words('logs k3v9 -n'), 'logs', /argument missing/],
    [words('logs'), 'logs', /Name one job/],
    [words('drain now'), 'drain', /Unexpected argument/],
    [words('retention now'), 'retention', /sweep, or nothing/],
    [words('retention sweep now'), 'retention', /sweep, or nothing/],
    [words('purge --kind films'), 'purge', /--kind is one or more of uploads, .*, not "films"/],
    [words('purge --older-than -1'), 'purge', /--older-than is a number from 0/],
    [words('purge --yes'), 'purge', /Say with --kind/],
    [words('purge --kind logs --user Ann'), 'purge', /--user is a user's name/],
    [words('purge --job k3v'), 'purge', /too short/],
    [words('config --secrets'), 'config', /Unknown option/],
  ];
  for (const [argv, verb, what] of table) {
    const said = misuse(argv);
    t.match(said, {what, verb}, argv.join(' ').slice(0, 60));
    t.match(said.what, /^[A-Z"-].*\.$/s, 'a sentence');
    t.notMatch(said.what, /undefined|NaN/);
  }
});

t.test('help fits a terminal, and names every verb, option and exit code', async t => {
  for (const verb of [undefined, ...verbs]) {
    const lines = help(verb?.name).split('\n');
    t.ok(lines.length <= (verb === undefined ? 40 : 24), `${verb?.name}: ${lines.length} lines`);
    for (const line of lines) t.ok(widthOf(line) <= 80, line);
    for (const option of Object.keys(verb?.options ?? {}))
      if (option !== 'help') t.match(help(verb?.name), `--${option}`);
  }
  for (const {name, brief} of verbs) t.match(help(undefined), new RegExp(`^  ${name} .*${brief}$`, 'm'));
  for (const code of Object.values(exitCodes)) t.match(help(undefined), new RegExp(`\\b${code} [a-z]`));
});

t.test('the examples in the help are command lines that work', async t => {
  for (const {name, examples} of verbs) {
    t.not(examples.length, 0, name);
    for (const example of examples) {
      const line = example.replace(/ \| .*$/, '').replace(/^\S+=\S+ /, '');
      const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      t.equal(argv.shift(), 'dubstead');
      t.match(read(argv), {verb: name}, example);
    }
  }
});

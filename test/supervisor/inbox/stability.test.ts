/** What is known of the files in the inbox as time goes by, and what is to become of each: no disk, no real clock. */
import t from 'tap';
import type {FileType, Sight} from '../../../supervisor/inbox/folder.ts';
import {type Name, nameOf, nameOfBytes, type Place} from '../../../supervisor/inbox/names.ts';
import {Room} from '../../../supervisor/inbox/room.ts';
import {
  type Entry,
  isSettled,
  Ledger,
  pathOfEntry,
  patienceMs,
  postpone,
  restart,
} from '../../../supervisor/inbox/stability.ts';
import {closedFolder, filesOf, shownFilesLimit} from '../../../supervisor/inbox/state.ts';
import {type Judged, judge, sidecarLimitBytes, type Verdict} from '../../../supervisor/inbox/verdict.ts';
import {anna, ben} from './house.ts';

const stableMs = 5_000;
const home: Place = {is: 'home', owner: anna, wishes: {to: 'fr'}};

let inode = 1;

function sight(change: Partial<Sight> = {}): Sight {
  return {type: 'file', bytes: 100, links: 1, inode: inode++, modifiedMs: 1, changedMs: 1, ...change};
}

type Files = Readonly<Record<string, Sight>>;

class Scene {
  readonly ledger: Ledger;
  steady = 0;
  room: Judged['room'] = () => null;

  constructor(limit = 1000) {
    this.ledger = new Ledger(limit);
  }

  /** One scan that sees these files in one folder. */
  see(files: Files, {path = [], place = home}: {path?: readonly Name[]; place?: Place} = {}): void {
    this.ledger.startScan();
    const found = Object.entries(files).map(([name, sight]) => ({name: nameOf(name), sight}));
    this.ledger.see(path, found, {place, clock: {steady: this.steady, at: 1_000_000 + this.steady}});
    this.ledger.endScan();
  }

  entry(name: string): Entry {
    for (const entry of this.ledger.entries()) if (pathOfEntry(entry) === name) return entry;
    throw new Error(`${name} is not in the list`);
  }

  get names(): readonly string[] {
    return [...this.ledger.entries()].map(pathOfEntry);
  }

  get judged(): Judged {
    return {steady: this.steady, stableMs, room: this.room};
  }

  verdict(name: string): Verdict {
    return judge(this.entry(name), this.judged);
  }
}

/** Files that have lain there long enough. */
function settled(files: Files, place: Place = home): Scene {
  const scene = new Scene();
  scene.see(files, {place});
  scene.steady = 60_000;
  return scene;
}

t.test('a file is settled when nothing of it has changed for long enough', async t => {
  const changes: readonly Partial<Sight>[] = [
    ...[{bytes: 101}, {modifiedMs: 2}, {inode: 99_999}, {changedMs: 2}, {links: 2}, {type: 'link' as const}],
  ];
  for (const change of changes) {
    const scene = new Scene();
    const was = sight();
    scene.see({'a.ts': was});
    scene.steady = stableMs - 1;
    t.strictSame(scene.verdict('a.ts'), {do: 'leave', why: null});
    scene.see({'a.ts': {...was, ...change}});
    scene.steady = stableMs + 100;
    t.strictSame(scene.verdict('a.ts'), {do: 'leave', why: null}, `${JSON.stringify(change)} starts it anew`);
    scene.steady = 2 * stableMs - 2;
    t.equal(scene.verdict('a.ts').do, 'leave');
    scene.steady++;
    t.not(scene.verdict('a.ts').do, 'leave', 'and then it is settled');
  }
});

t.test('a file that is seen again as it was keeps its time', async t => {
  const scene = new Scene();
  const same = sight();
  for (scene.steady = 0; scene.steady < stableMs; scene.steady += 1000) scene.see({'a.ts': same});
  t.equal(scene.verdict('a.ts').do, 'claim');
  t.equal(scene.entry('a.ts').sinceAt, 1_000_000);
});

t.test('empty files and those whose end is missing are given more time', async t => {
  t.equal(patienceMs({sight: sight(), lacks: null}, stableMs), stableMs);
  t.equal(patienceMs({sight: sight({bytes: 0}), lacks: null}, stableMs), 10 * stableMs);
  t.equal(patienceMs({sight: sight({bytes: 0, type: 'fifo'}), lacks: null}, stableMs), stableMs);
  t.equal(patienceMs({sight: sight(), lacks: 'its index'}, stableMs), 600_000);
  t.equal(patienceMs({sight: sight(), lacks: 'its index'}, 100_000), 1_000_000);
  t.ok(isSettled({sight: sight(), lacks: null, since: 0}, stableMs, stableMs));
  const scene = settled({'a.ts': sight()});
  scene.entry('a.ts').lacks = 'its index (moov) is not there';
  t.strictSame(scene.verdict('a.ts'), {do: 'leave', why: 'its index (moov) is not there'});
  scene.see({'a.ts': sight()});
  t.equal(scene.entry('a.ts').lacks, null, 'what changed is looked at anew');
});

t.test('files that are gone are forgotten, and those of a folder that cannot be read are not', async t => {
  const scene = new Scene();
  const [one, two] = [sight(), sight()];
  scene.see({'a.ts': one, 'b.ts': two});
  scene.see({'a.ts': one});
  t.strictSame(scene.names, ['a.ts']);
  scene.see({'c.ts': one}, {path: [nameOf('ben'), nameOf('x')]});
  t.strictSame(scene.names, ['ben/x/c.ts'], 'a folder that is not there any more');
  for (const path of [['ben'], ['ben', 'x']]) {
    scene.ledger.startScan();
    scene.ledger.keep(path.map(nameOf));
    scene.ledger.endScan();
    t.strictSame(scene.names, ['ben/x/c.ts'], `${path.join('/')} is closed`);
  }
  scene.ledger.startScan();
  scene.ledger.keep([nameOf('be')]);
  scene.ledger.endScan();
  t.strictSame(scene.names, []);
  t.equal(scene.ledger.size, 0);
});

t.test('a file that is being taken stays in the list until whoever takes it says so', async t => {
  const scene = new Scene();
  scene.see({'a.ts': sight(), 'b.ts': sight()});
  const entry = scene.entry('a.ts');
  entry.standing = {is: 'claiming'};
  scene.see({'a.ts': sight({bytes: 5})});
  t.equal(entry.sight.bytes, 100);
  scene.see({});
  t.strictSame(scene.names, ['a.ts']);
  scene.ledger.startScan();
  scene.ledger.endScan();
  t.strictSame(scene.names, ['a.ts']);
  scene.ledger.remove(entry);
  scene.ledger.remove(entry);
  t.equal(scene.ledger.size, 0);
});

t.test('films of one scan come in the order of their names, the number by its value', async t => {
  const scene = new Scene();
  scene.see({'E10.ts': sight(), 'E2.ts': sight(), 'E1.ts': sight()});
  scene.see({'E10.ts': sight(), 'E2.ts': sight(), 'E1.ts': sight(), 'A.ts': sight()});
  t.strictSame(scene.names, ['E1.ts', 'E2.ts', 'E10.ts', 'A.ts'], 'and what came later, later');
});

t.test('the list has a limit, and what is beyond it is counted and has its turn', async t => {
  const scene = new Scene(2);
  const files = {'a.ts': sight(), 'b.ts': sight(), 'c.ts': sight(), '.hidden': sight(), 'd.ts': sight()};
  scene.see(files);
  t.strictSame(scene.names, ['a.ts', 'b.ts']);
  t.equal(scene.ledger.beyond, 2);
  const {'a.ts': _, ...rest} = files;
  scene.see(rest);
  t.strictSame(scene.names, ['b.ts', 'c.ts']);
  t.equal(scene.ledger.beyond, 1);
});

t.test('names that are no text are files of their own', async t => {
  const scene = new Scene();
  const name = nameOfBytes('\xff.mkv');
  scene.ledger.startScan();
  const clock = {steady: 0, at: 0};
  scene.ledger.see([], [{name, sight: sight()}], {place: home, clock});
  scene.ledger.see([nameOfBytes('\xfe')], [{name, sight: sight()}], {place: home, clock});
  scene.ledger.endScan();
  t.strictSame(scene.names, ['%FF.mkv', '%FE/%FF.mkv']);
});

t.test('what can never become a job is refused with the reason and the way out', async t => {
  const types: readonly FileType[] = ['link', 'fifo', 'socket', 'device'];
  const table: readonly (readonly [string, Partial<Sight>, RegExp])[] = [
    ...types.map(type => ['a.mkv', {type}, /^a\.mkv is a (symbolic link|FIFO|socket|device)/] as const),
    ['a.mkv', {type: 'folder'}, /is a folder/],
    ['a.mkv', {links: 3}, /is a hard link: the same file has 3 names/],
    ['a.txt', {}, /is not a kind of file/],
    ['a.txt', {type: 'link'}, /symbolic link/],
    ['a.mkv', {bytes: 0}, /is empty/],
    ['a.srt', {bytes: 0}, /is empty/],
    ['a.srt', {bytes: sidecarLimitBytes + 1}, /has 17 MiB; a file beside a film has at most 16/],
    ['a.srt', {type: 'link'}, /symbolic link/],
  ];
  for (const [name, change, what] of table) {
    const verdict = settled({[name]: sight(change)}).verdict(name);
    t.match(verdict, {do: 'refuse', why: {what, fix: /\S/}}, `${name} ${JSON.stringify(change)}`);
  }
  const nameless: Place = {is: 'refused', why: {what: 'The name %FF is not text.', fix: 'Rename it.'}};
  t.match(settled({'a.mkv': sight()}, nameless).verdict('a.mkv'), {do: 'refuse', why: nameless.why});
  t.equal(settled({'a.mkv': sight({bytes: sidecarLimitBytes + 1})}).verdict('a.mkv').do, 'claim');
});

t.test('nothing is refused before it is settled', async t => {
  const scene = new Scene();
  const files = {
    'a.txt': sight(),
    'b.mkv': sight({type: 'link'}),
    'c.mkv': sight({bytes: 0}),
    'd.mkv': sight({links: 2}),
  };
  scene.see(files);
  for (const name of Object.keys(files)) t.equal(scene.verdict(name).do, 'leave', name);
  scene.steady = stableMs;
  for (const name of ['a.txt', 'b.mkv', 'd.mkv']) t.equal(scene.verdict(name).do, 'refuse', name);
  t.equal(scene.verdict('c.mkv').do, 'leave', 'an empty file may only have been begun');
});

t.test('a film is claimed for the owner, with the wishes of its folder and its sidecars', async t => {
  const scene = settled({'a.mkv': sight(), 'a.es.srt': sight(), 'a.dub.json': sight(), 'b.srt': sight()});
  const verdict = scene.verdict('a.mkv');
  t.match(verdict, {do: 'claim', owner: anna, wishes: {to: 'fr'}});
  t.strictSame(
    verdict.do === 'claim' && verdict.sidecars.map(({entry, shared}) => [pathOfEntry(entry), shared]),
    [
      ['a.dub.json', false],
      ['a.es.srt', false],
    ],
  );
  t.strictSame(scene.verdict('a.es.srt'), {do: 'keep', hasFilm: true});
  t.strictSame(scene.verdict('b.srt'), {do: 'keep', hasFilm: false});
});

t.test('a film waits for a sidecar that is still being written', async t => {
  const files = {'a.mkv': sight(), 'a.srt': sight(), 'b.mkv': sight()};
  const scene = settled(files);
  scene.see({...files, 'a.srt': sight()});
  t.strictSame(scene.verdict('a.mkv'), {do: 'leave', why: 'a.srt beside it is still being written'});
  t.equal(scene.verdict('b.mkv').do, 'claim', 'no other does');
  scene.steady += stableMs;
  t.equal(scene.verdict('a.mkv').do, 'claim');
});

t.test('a sidecar that is refused keeps no film waiting and goes with none', async t => {
  const scene = settled({'a.mkv': sight(), 'a.srt': sight({links: 2}), 'a.es.srt': sight({type: 'link'})});
  const verdict = scene.verdict('a.mkv');
  t.ok(verdict.do === 'claim' && verdict.sidecars.length === 0);
  const many = Array.from(
    {length: 25},
    (_, number) => [`a.en.${'sdh.'.repeat(number)}srt`, sight()] as const,
  );
  const all = settled({'a.mkv': sight(), ...Object.fromEntries(many)}).verdict('a.mkv');
  t.equal(all.do === 'claim' && all.sidecars.length, 20, 'and no job has more than it can hold');
});

t.test('a sidecar of two films is shared until the last of them takes it', async t => {
  const scene = settled({'a.mkv': sight(), 'a.mp4': sight(), 'a.srt': sight()});
  const shared = (name: string): unknown => {
    const verdict = scene.verdict(name);
    return verdict.do === 'claim' ? verdict.sidecars.map(sidecar => sidecar.shared) : verdict;
  };
  t.strictSame(shared('a.mkv'), [true]);
  scene.entry('a.mkv').standing = {is: 'claiming'};
  t.strictSame(shared('a.mp4'), [false]);
  scene.entry('a.srt').standing = {is: 'claiming'};
  t.match(shared('a.mp4'), {do: 'leave'}, 'two at once never take the same one');
  scene.entry('a.srt').standing = {is: 'growing'};
  scene.ledger.remove(scene.entry('a.mkv'));
  t.strictSame(shared('a.mp4'), [false]);
});

t.test('a film in a folder that is nobody’s is held, and goes on when that changes', async t => {
  const why = {what: 'nobody', fix: 'move it'};
  const files = {'a.mkv': sight(), 'a.txt': sight()};
  const scene = settled(files, {is: 'held', why});
  t.strictSame(scene.verdict('a.mkv'), {do: 'hold', why});
  t.equal(scene.verdict('a.txt').do, 'refuse');
  scene.see(files);
  t.equal(scene.verdict('a.mkv').do, 'claim');
});

t.test('tries come twice as far apart each time, and news is told once', async t => {
  const scene = settled({'a.mkv': sight()});
  const entry = scene.entry('a.mkv');
  const why = {what: 'full', fix: ''};
  const waits: number[] = [];
  for (let tries = 0; tries < 10; tries++) {
    const before = entry.standing;
    t.equal(postpone(entry, 'waiting', {before, why, steady: scene.steady}), tries === 0);
    const {standing} = scene.entry('a.mkv');
    if (standing.is !== 'waiting') throw new Error('it does not wait');
    waits.push((standing.retryAt - scene.steady) / 1000);
    t.equal(scene.verdict('a.mkv').do, 'leave');
    scene.steady = standing.retryAt;
    t.equal(scene.verdict('a.mkv').do, 'claim');
  }
  t.strictSame(waits, [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
  const before = entry.standing;
  t.ok(
    postpone(entry, 'waiting', {before, why: {what: 'other', fix: ''}, steady: 0}),
    'another reason is news',
  );
  t.ok(postpone(entry, 'refused', {before: entry.standing, why, steady: 0}));
  restart(entry, {steady: scene.steady, at: 5});
  t.match(entry, {standing: {is: 'growing'}, since: scene.steady, sinceAt: 5});
});

t.test('the queue is asked a few times for ten thousand films', async t => {
  const files = Array.from({length: 10_000}, (_, number) => [
    `${number}.mkv`,
    sight({bytes: 1 + (number % 100)}),
  ]);
  const scene = new Scene(20_000);
  scene.see(Object.fromEntries(files));
  scene.steady = stableMs;
  let asked = 0;
  const room = new Room((_owner, bytes) => {
    asked++;
    return bytes > 3 ? 'the queue is full' : null;
  });
  scene.room = room.asking(scene.steady);
  const verdicts = [...scene.ledger.entries()].map(entry => judge(entry, scene.judged));
  t.equal(verdicts.filter(verdict => verdict.do === 'claim').length, 300, 'a small one may still find room');
  t.match(verdicts.at(-1), {do: 'hold', why: {what: 'the queue is full', fix: 'It goes on by itself.'}});
  t.ok(asked < 400, `asked ${asked} times`);
  room.press(anna, 'sent back', scene.steady);
  t.equal(room.asking(scene.steady)(anna, 1), 'sent back');
  t.equal(room.asking(scene.steady)(ben, 1), null);
  t.equal(room.asking(scene.steady + 30_000)(anna, 1), null);
});

t.test('the state names every file, those first that something is in the way of', async t => {
  const scene = settled({
    'b.mkv': sight(),
    'a.txt': sight(),
    'b.srt': sight(),
    'lone.srt': sight(),
    'd.mkv': sight(),
    'e.mkv': sight(),
    'f.mkv': sight(),
  });
  scene.entry('d.mkv').standing = {is: 'claiming'};
  scene.entry('e.mkv').standing = {is: 'refused', why: {what: 'no', fix: ''}, retryAt: 0, tries: 1};
  scene.entry('f.mkv').lacks = 'its index (moov) is not there';
  const closed = closedFolder([nameOf('ben')], 'EACCES', 7);
  const {files, counts} = filesOf(scene.ledger, scene.judged, [closed]);
  t.strictSame(
    files.map(({path, is, why}) => [path, is, why?.what ?? null]),
    [
      ['ben/', 'waiting', 'The inbox folder ben/ cannot be looked into: EACCES.'],
      ['a.txt', 'waiting', 'a.txt is not a kind of file that Dubstead dubs.'],
      ['e.mkv', 'refused', 'no'],
      ['f.mkv', 'growing', 'f.mkv does not look whole: its index (moov) is not there.'],
      ['lone.srt', 'sidecar', 'lone.srt has no film beside it.'],
      ['b.mkv', 'waiting', null],
      ['b.srt', 'sidecar', null],
      ['d.mkv', 'claiming', null],
    ],
  );
  t.strictSame(counts, {growing: 1, waiting: 3, claiming: 1, refused: 1, sidecar: 2});
  t.match(files.at(-1), {owner: 'anna', bytes: 100, since: 1_000_000});
});

t.test('the state is bounded, whatever lies there', async t => {
  const scene = new Scene(5000);
  scene.see(Object.fromEntries(Array.from({length: 3000}, (_, number) => [`${number}.mkv`, sight()])));
  const {files, counts} = filesOf(scene.ledger, scene.judged, []);
  t.equal(files.length, shownFilesLimit);
  t.equal(counts.growing, 3000);
});

/**
 * Owns the benchmark of uploads: the same bytes in the same requests to the daemon, to a bare handler and to the peer, in
 * turn; what memory the daemon takes for it, and what each takes of the processor.
 */
import {randomFillSync} from 'node:crypto';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {median} from './job.ts';
import {megabytesOf, secondsOf} from './process.ts';
import {bareIn, daemonIn, peerIn, type Rival} from './rivals.ts';
import {sendAll} from './tus-client.ts';

const MiB = 1 << 20;
const pieceBytes = 8 * MiB;
/** They take turns, so that what else the machine does falls on all. */
const rounds = 8;
/** A daemon that was just started is still getting its first job process ready. */
const settleMs = 10_000;

interface Figure {
  readonly rate: number;
  /** Processor seconds. */
  readonly cost: number;
}

export async function benchUpload(folder: string, mebibytes: number): Promise<readonly string[]> {
  const film = Buffer.alloc(pieceBytes);
  randomFillSync(film);
  Buffer.from([0x1a, 0x45, 0xdf, 0xa3]).copy(film);
  const rivals: Rival[] = [];
  try {
    rivals.push(await bareIn(folder), await peerIn(folder), await daemonIn(join(folder, 'data')));
    const [bare, peer, daemon] = rivals;
    if (bare === undefined || peer === undefined || daemon === undefined) throw new Error('nobody is there');
    await wait(settleMs);
    const pieces = Array.from({length: Math.ceil(mebibytes / rounds / 8)}, () => film);
    // What is slow because it is done for the first time is in nobody's figure.
    for (const rival of rivals) await measure(rival, pieces.slice(0, 4));
    const idle = await megabytesOf(daemon.pid, 'VmRSS');
    const figures = new Map<Rival, Figure[]>(rivals.map(rival => [rival, []]));
    for (let round = 0; round < rounds; round++)
      for (const rival of round % 2 === 0 ? rivals : rivals.toReversed())
        figures.get(rival)?.push(await measure(rival, pieces));
    const memory = `The daemon: ${idle.toFixed(0)} MB resident before, ${(await megabytesOf(daemon.pid, 'VmHWM')).toFixed(0)} MB at most (wanted: under 200).`;
    const of = (rival: Rival): readonly Figure[] => figures.get(rival) ?? [];
    return [
      `${rounds * pieces.length * 8} MiB in PATCH requests of 8 MiB with SHA-256 checksums, over sockets, in ${rounds} rounds in turn. ${memory}`,
      '',
      '| who | MiB/s, median | processor s a GiB, median | the daemon to it, round by round | median | wanted |',
      '|---|---|---|---|---|---|',
      `| the daemon | ${sums(of(daemon), pieces.length)} | | | |`,
      `| a bare Koa handler that hashes once, writes and syncs | ${sums(of(bare), pieces.length)} | ${ratios(of(daemon), of(bare))} | 0.90 |`,
      `| \`@tus/server\` with \`@tus/file-store\`, made to check what the daemon checks: each request's SHA-256 and that of all so far, and a sync before the answer | ${sums(of(peer), pieces.length)} | ${ratios(of(daemon), of(peer))} | 1.50 |`,
      '',
      'The peer tells the offset from the length of the file: it stores no row, takes no room beforehand, and leaves what came of a request with a wrong checksum.',
    ];
  } finally {
    for (const rival of rivals) await rival.stop();
  }
}

async function measure({server, pid, begin, drop}: Rival, pieces: readonly Buffer[]): Promise<Figure> {
  const path = await begin(pieces.length * pieceBytes);
  const [began, before] = [performance.now(), await secondsOf(pid)];
  await sendAll(server, path, {pieces});
  const seconds = (performance.now() - began) / 1000;
  const cost = (await secondsOf(pid)) - before;
  await drop(path);
  return {rate: (pieces.length * pieceBytes) / MiB / seconds, cost};
}

function sums(figures: readonly Figure[], pieces: number): string {
  const cost = median(figures.map(figure => figure.cost)) / ((pieces * pieceBytes) / 2 ** 30);
  return `${median(figures.map(({rate}) => rate)).toFixed(0)} | ${cost.toFixed(2)}`;
}

function ratios(ours: readonly Figure[], theirs: readonly Figure[]): string {
  const all = ours.map(({rate}, index) => rate / (theirs[index]?.rate ?? Number.NaN));
  return `${all.map(ratio => ratio.toFixed(2)).join(', ')} | ${median(all).toFixed(2)}`;
}

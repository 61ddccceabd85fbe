/** How much goes over the network is what the counters grew by between two readings, whatever else happens to them. */
import t from 'tap';
import {type Flow, Traffic} from '../../supervisor/traffic.ts';

type Counted = readonly [received: number, sent: number];

/** As the kernel writes it. */
function tableOf(counted: Readonly<Record<string, Counted>>): string {
  const rows = Object.entries(counted).map(
    ([name, [received, sent]]) => `${name.padStart(6)}: ${received} 9 0 0 0 0 0 0 ${sent} 8 0 0 0 0 0 0`,
  );
  return ['Inter-|   Receive  |  Transmit', ' face |bytes packets errs|bytes packets', ...rows, ''].join(
    '\n',
  );
}

const flow = (receivedBytesPerSecond: number, sentBytesPerSecond: number): Flow => ({
  ...{receivedBytesPerSecond, sentBytesPerSecond},
});

const readings: readonly [string, atMs: number, text: string | undefined, Flow | null][] = [
  ['at first there is nothing to compare with', 0, tableOf({lo: [9, 9], eth0: [1000, 500]}), null],
  ['what came in two seconds', 2000, tableOf({lo: [9e9, 9e9], eth0: [5000, 700]}), flow(2000, 100)],
  ['a look a moment later leaves it', 2100, tableOf({lo: [9, 9], eth0: [9e9, 9e9]}), flow(2000, 100)],
  ['two interfaces, one of them new', 4000, tableOf({eth0: [7000, 900], wlan0: [1e9, 1e9]}), flow(1000, 100)],
  ['both of them', 5000, tableOf({eth0: [7000, 900], wlan0: [1e9 + 7, 1e9 + 8]}), flow(7, 8)],
  ['counters that began anew', 6000, tableOf({eth0: [1, 2], wlan0: [1e9 + 8, 1e9 + 10]}), flow(1, 2)],
  ['one that is gone', 7000, tableOf({eth0: [2, 3]}), flow(1, 1)],
  ['no answer', 8000, undefined, null],
  ['the first after it', 9000, tableOf({eth0: [5000, 5000]}), null],
  ['and the next', 10_000, tableOf({eth0: [5001, 5002]}), flow(1, 2)],
  ['what is no table', 11_000, 'garbage', null],
];

t.test('what the network carries is told from one reading to the next', async t => {
  const traffic = new Traffic();
  for (const [name, atMs, text, expected] of readings)
    t.strictSame(traffic.heard(text, atMs), expected, name);
});

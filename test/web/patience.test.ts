/** The pieces of a long request: each is there until the next is asked for, and no longer. */
import {once} from 'node:events';
import {createServer, type IncomingMessage, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import t, {type Test} from 'tap';
import {awaitWhole, patientPieces} from '../../web/patience.ts';

const MiB = 1 << 20;

async function received(t: Test, body: Buffer, take: (request: IncomingMessage) => Promise<void>) {
  const server = createServer((request, response) => {
    void take(request).then(() => response.end());
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  const sent = request({host: '127.0.0.1', port, method: 'PATCH', agent: false});
  sent.end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  answer?.resume();
}

t.test('what a piece was in is free when the next is asked for, whoever still holds the piece', async t => {
  const body = Buffer.alloc(16 * MiB, 'a film that nobody has seen ');
  const held: Buffer[] = [];
  let bytes = 0;
  await received(t, body, async request => {
    awaitWhole(request, 60_000, () => t.fail('it came in time'));
    for await (const piece of patientPieces(request, 60_000)) {
      if (!piece.equals(body.subarray(bytes, bytes + piece.length)))
        t.fail(`it is not what was sent at ${bytes}`);
      bytes += piece.length;
      held.push(piece);
    }
  });
  t.equal(bytes, body.length);
  t.ok(held.length > 1);
  const left = held.reduce((sum, {buffer}) => sum + buffer.byteLength, 0);
  t.ok(left < MiB, `${left} bytes are still there`);
});

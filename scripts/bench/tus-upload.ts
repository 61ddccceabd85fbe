/**
 * Owns the peer of uploads: `@tus/server` with its file store, and in the hooks and the subclass that it offers the same
 * checks that the daemon makes of a request: its checksum, the digest of all so far, and that it is on disk.
 */
import {AsyncLocalStorage} from 'node:async_hooks';
import {createHash, type Hash} from 'node:crypto';
import {once} from 'node:events';
import {open} from 'node:fs/promises';
import {createServer} from 'node:http';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {FileStore} from '@tus/file-store';
import {Server} from '@tus/server';

const [socket = '', folder = ''] = process.argv.slice(2);
const checksums = new AsyncLocalStorage<string | undefined>();

class CheckedStore extends FileStore {
  readonly #hashes = new Map<string, Hash>();

  override async write(from: Readable, id: string, offset: number): Promise<number> {
    const [chunk, whole] = [createHash('sha256'), this.#hashes.get(id) ?? createHash('sha256')];
    this.#hashes.set(id, whole);
    async function* hashed(): AsyncGenerator<Buffer> {
      for await (const piece of from) {
        chunk.update(piece);
        whole.update(piece);
        yield piece;
      }
    }
    const reached = await super.write(Readable.from(hashed(), {objectMode: false}), id, offset);
    await using file = await open(join(folder, id), 'r+');
    await file.datasync();
    if (checksums.getStore()?.split(' ')[1] !== chunk.digest('base64'))
      throw {status_code: 460, body: 'Checksum Mismatch\n'};
    return reached;
  }

  override async remove(id: string): Promise<void> {
    this.#hashes.delete(id);
    await super.remove(id);
  }
}

const server = new Server({
  ...{path: '/files', relativeLocation: true, datastore: new CheckedStore({directory: folder})},
});
const listening = createServer((request, response) => {
  const given = request.headers['upload-checksum'];
  checksums.run(typeof given === 'string' ? given : undefined, () => void server.handle(request, response));
}).listen(socket);
await once(listening, 'listening');
process.stdout.write('ready\n');

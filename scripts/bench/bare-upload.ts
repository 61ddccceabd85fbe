/** Owns the measure that uploads are held against: the least that a server can do with a body, which is to hash, write and sync it. */
import {createHash} from 'node:crypto';
import {open} from 'node:fs/promises';
import Koa from 'koa';

const [socket = '', path = ''] = process.argv.slice(2);

const app = new Koa();
app.use(async ctx => {
  const at = Number(ctx.get('Upload-Offset'));
  const hash = createHash('sha256');
  await using file = await open(path, at === 0 ? 'w' : 'r+');
  let offset = at;
  for await (const piece of ctx.req) {
    hash.update(piece);
    await file.write(piece, 0, piece.length, offset);
    offset += piece.length;
  }
  await file.datasync();
  ctx.status = hash.digest('base64') === ctx.get('Upload-Checksum').split(' ')[1] ? 204 : 460;
});
app.listen(socket, () => process.stdout.write('ready\n'));

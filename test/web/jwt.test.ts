/** Cloudflare Access: every request wants its assertion, and keys are asked for once a minute at the most. */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {exportJWK, generateKeyPair, SignJWT} from 'jose';
import t from 'tap';
import {assertionReader} from '../../web/jwt.ts';
import {addPerson, networkOf, send} from './people.ts';

const issuer = 'https://team.cloudflareaccess.com';
const audience = 'a1'.repeat(32);

t.test(
  'REMOTE_ACCESS_MODE cloudflare wants a valid Access JWT: issuer, audience, algorithm, expiry',
  async t => {
    const {publicKey, privateKey} = await generateKeyPair('RS256');
    const {privateKey: strange} = await generateKeyPair('RS256');
    let asked = 0;
    const keys = createServer((_, res) => {
      asked += 1;
      void exportJWK(publicKey).then(key =>
        res.end(JSON.stringify({keys: [{...key, kid: 'one', alg: 'RS256', use: 'sig'}]})),
      );
    }).listen(0, '127.0.0.1');
    await once(keys, 'listening');
    t.teardown(() => keys.close());
    const keysUrl = new URL(`http://127.0.0.1:${(keys.address() as AddressInfo).port}/certs`);
    const isFine = assertionReader({issuer, audience, now: () => Date.now(), keysUrl});
    const now = Math.floor(Date.now() / 1000);
    const made = (
      change: {iss?: string; aud?: string; exp?: number; kid?: string; key?: typeof strange} = {},
    ): Promise<string> =>
      new SignJWT({})
        .setProtectedHeader({alg: 'RS256', kid: change.kid ?? 'one'})
        .setIssuer(change.iss ?? issuer)
        .setAudience(change.aud ?? audience)
        .setIssuedAt(now)
        .setExpirationTime(change.exp ?? now + 60)
        .sign(change.key ?? privateKey);
    t.equal(await isFine(await made()), true);
    t.equal(await isFine(await made({iss: 'https://other.cloudflareaccess.com'})), false, 'issuer');
    t.equal(await isFine(await made({aud: 'b2'.repeat(32)})), false, 'audience');
    t.equal(await isFine(await made({exp: now - 1})), false, 'expiry');
    t.equal(await isFine(await made({key: strange})), false, 'somebody else’s key');
    const symmetric = await new SignJWT({})
      .setProtectedHeader({alg: 'HS256', kid: 'one'})
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey))));
    t.equal(await isFine(symmetric), false, 'algorithm');
    for (const odd of ['', 'x', 'a.b.c']) t.equal(await isFine(odd), false, odd);
    const before = asked;
    for (let i = 0; i < 20; i++) t.equal(await isFine(await made({kid: `none-${i}`})), false);
    t.ok(asked - before <= 1, `keys were asked for ${asked - before} times`);
    keys.close();
    keys.closeAllConnections();
    const lost = assertionReader({issuer, audience, now: () => Date.now(), keysUrl});
    t.equal(await lost(await made()), false, 'keys that cannot be had let nobody in');
  },
);

t.test(
  'without the assertion nothing is answered, not even a probe, and it is written down once',
  async t => {
    const env = {
      REMOTE_ACCESS_MODE: 'cloudflare',
      CLOUDFLARE_ISSUER: issuer,
      CLOUDFLARE_AUDIENCE: audience,
      CORS_ORIGINS: 'https://dub.example.org',
    };
    const net = await networkOf(t, env);
    await addPerson(net, 'ann', 'admin');
    for (const headers of [{}, {'Cf-Access-Jwt-Assertion': 'x'}])
      t.match(await send(net.url, '/healthz', {headers}), {
        status: 403,
        json: {error: {code: 'no-assertion', fix: /CLOUDFLARE/}},
      });
  },
);

/** Ten recovery codes, hashed, once each. */
import t from 'tap';
import {freshRecovery, useRecoveryCode} from '../../../appliance/accounts/recovery.ts';
import {seeded} from './sample.ts';

t.test('ten recovery codes, hashed, once each', async t => {
  const {codes, hashes} = freshRecovery(seeded());
  t.equal(new Set(codes).size, 10);
  t.equal(new Set(hashes).size, 10);
  for (const code of codes) {
    t.match(code, /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}$/);
    t.notOk(JSON.stringify(hashes).includes(code), 'only the hash is kept');
  }
  let left: typeof hashes | null = hashes;
  for (const [i, code] of codes.entries()) {
    const before: typeof hashes = left ?? [];
    left = useRecoveryCode(before, i % 2 === 0 ? code : code.toUpperCase().replaceAll('-', ' '));
    t.equal(left?.length, 9 - i, code);
    t.equal(useRecoveryCode(left ?? [], code), null, 'not twice');
  }
  for (const typed of ['', '0000-0000-0000', codes[0]?.slice(0, -1) ?? '', `${codes[0]}0`]) {
    t.equal(useRecoveryCode(hashes, typed), null, typed);
  }
});

/**
 * Starts a sleeper that has left its group, its session, its parent and its environment, then closes its wire and stays.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {Socket} from 'node:net';

const wire = new Socket({fd: 3});
const sleeper = spawn('sleep', [process.argv[2] ?? '1'], {
  detached: true,
  stdio: 'ignore',
  env: {PATH: '/usr/bin:/bin'},
});
await once(sleeper, 'spawn');
sleeper.unref();
wire.end();
setInterval(() => {}, 1000);

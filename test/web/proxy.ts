/**
 * Owns nginx and caddy in tests: started as docs/reverse-proxy.md says, with a certificate of their own, on ports of their
 * own, ended whatever happens.
 */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Test} from 'tap';

const page = readFileSync(join(import.meta.dirname, '../../docs/reverse-proxy.md'), 'utf8');

/** The name that the document's example is about, and the certificate. */
export const publicName = 'dub.example.org';

export type ProxyName = 'nginx' | 'caddy';

export interface Front {
  readonly url: string;
  /** What its certificate is signed by, in PEM: itself. */
  readonly ca: string;
  /** All that it said, warnings and errors alone. */
  readonly said: () => string;
}

/** What the document shows in that language. Throws when it shows none, or two. */
export function shown(language: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language);
  const [block, ...more] = blocks.map(([, , text = '']) => text);
  if (block === undefined || more.length > 0) throw new Error(`docs/reverse-proxy.md wants one ${language}.`);
  return block;
}

/** Puts what a test has in the place of each example value, all of which must be there. */
function replaced(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((now, [example, value]) => {
    if (!now.includes(example)) throw new Error(`docs/reverse-proxy.md does not say "${example}" any more.`);
    return now.replaceAll(example, value);
  }, text);
}

interface Place {
  readonly folder: string;
  readonly port: number;
  /** Where the box listens, without the scheme. */
  readonly box: string;
  readonly certificate: Certificate;
}

interface Certificate {
  readonly path: string;
  readonly keyPath: string;
}

interface Program {
  readonly path: string;
  readonly argv: readonly string[];
  /** The file that it reads. */
  readonly file: string;
  config(place: Place): string;
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const programs: Readonly<Record<ProxyName, Program>> = {
  nginx: {
    ...{path: '/usr/sbin/nginx', argv: ['-p', '.', '-c', 'nginx.conf', '-e', 'stderr'], file: 'nginx.conf'},
    config: ({folder, port, box, certificate}) => {
      const server = replaced(shown('nginx'), {
        'listen 443 ssl http2;': `listen 127.0.0.1:${port} ssl http2;`,
        '/etc/ssl/dub.example.org.pem': certificate.path,
        '/etc/ssl/private/dub.example.org.key': certificate.keyPath,
        '127.0.0.1:8700': box,
      });
      const paths = temporary.map(name => `${name}_temp_path ${folder}/${name};`);
      // One process, so that its end is the end of all of it.
      return [
        ...['daemon off;', 'master_process off;', `pid ${folder}/pid;`, 'error_log stderr warn;'],
        ...['events {}', 'http {', 'access_log off;', ...paths, server, '}'],
      ].join('\n');
    },
  },
  caddy: {
    ...{path: '/usr/bin/caddy', argv: ['run', '--config', 'Caddyfile'], file: 'Caddyfile'},
    config: ({port, box, certificate: {path, keyPath}}) => {
      const site = replaced(shown('caddyfile'), {
        'dub.example.org {': `https://dub.example.org:${port} {\ntls ${path} ${keyPath}`,
        '127.0.0.1:8700': box,
      });
      return `{\nadmin off\nauto_https off\ndefault_bind 127.0.0.1\nlog {\nlevel WARN\n}\n}\n${site}`;
    },
  },
};

/** In front of the box at that address. */
export async function proxyOf(t: Test, name: ProxyName, boxUrl: string): Promise<Front> {
  if (!existsSync(programs[name].path)) throw new Error(`There is no ${name} here: run scripts/setup test.`);
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  t.teardown(() => rm(folder, {recursive: true, force: true, maxRetries: 5}));
  const heard: string[] = [];
  const certificate = await certificateIn(folder);
  for (let attempt = 1; attempt <= 3; attempt++) {
    const place = {folder, port: await freePort(), box: new URL(boxUrl).host, certificate};
    if (!(await isStarted(t, programs[name], place, heard))) continue;
    const ca = await readFile(certificate.path, 'utf8');
    return {url: `https://127.0.0.1:${place.port}`, ca, said: () => heard.join('')};
  }
  throw new Error(`${name} does not start:\n${heard.join('')}`);
}

/** For two days, signed by nobody but itself. */
async function certificateIn(folder: string): Promise<Certificate> {
  const [path, keyPath] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const named = ['-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`];
  const files = ['-keyout', keyPath, '-out', path];
  await promisify(execFile)('openssl', ['req', '-x509', ...made, ...named, ...files]);
  return {path, keyPath};
}

/** Free just now: whoever takes it before the proxy does makes the proxy end, and be started at another. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function isStarted(t: Test, program: Program, place: Place, heard: string[]): Promise<boolean> {
  const {folder} = place;
  await mkdir(folder, {recursive: true});
  await writeFile(join(folder, program.file), program.config(place));
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program.path, ...program.argv], {
    ...{cwd: folder, stdio: ['ignore', 'ignore', 'pipe']},
    env: {PATH: process.env['PATH'] ?? '', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder},
  });
  child.stderr?.on('data', (chunk: Buffer) => heard.push(chunk.toString('utf8')));
  t.teardown(() => ended(child));
  const deadline = performance.now() + 20_000;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await isOpen(place.port)) return true;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await ended(child);
  return false;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({host: '127.0.0.1', port});
  const {promise, resolve} = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const open = await promise;
  socket.destroy();
  return open;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

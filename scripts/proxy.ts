/**
 * Owns nginx and caddy as docs/reverse-proxy.md sets them up, with what a machine has in the place of the example: their
 * files, argv and certificate. Never starts one.
 */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {promisify} from 'node:util';

const page = readFileSync(join(import.meta.dirname, '../docs/reverse-proxy.md'), 'utf8');

/** The name that the document's example is about, and the certificate. */
export const publicName = 'dub.example.org';

export type ProxyName = 'nginx' | 'caddy';

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

export interface Place {
  readonly folder: string;
  readonly port: number;
  /** Where the box listens, without the scheme. */
  readonly box: string;
  readonly certificate: Certificate;
}

export interface Certificate {
  readonly path: string;
  readonly keyPath: string;
}

export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
  /** The file that it reads. */
  readonly file: string;
  config(place: Place): string;
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export const programs: Readonly<Record<ProxyName, Program>> = {
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

/** For two days, signed by nobody but itself. */
export async function certificateIn(folder: string): Promise<Certificate> {
  const [path, keyPath] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const named = ['-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`];
  const files = ['-keyout', keyPath, '-out', path];
  await promisify(execFile)('openssl', ['req', '-x509', ...made, ...named, ...files]);
  return {path, keyPath};
}

/** Free just now: whoever takes it before the proxy does makes the proxy end, and be started at another. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

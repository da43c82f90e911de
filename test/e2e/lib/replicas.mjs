// Three replicas behind one address, by the configurations of deploy/replicas.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './cluster.mjs';
import { Product } from './product.mjs';
import { freePort, start } from './proc.mjs';
import { until } from './wait.mjs';

// Test files run beside each other, each in a process of its own.
const filed = (name) => path.join(process.env.E2E_DIR || '/tmp', `replicas-${process.pid}-${name}`);

export const PROXIES = {
  haproxy: {
    config: 'haproxy.cfg',
    listen: (text, port) => text.replace('bind :6767', `bind 127.0.0.1:${port}`),
    command: (file) => ['haproxy', ['-db', '-f', file]],
  },
  nginx: {
    config: 'nginx.conf',
    listen: (text, port) => text.replace('listen 6767', `listen 127.0.0.1:${port}`)
      .replace('http {', `pid ${filed('nginx.pid')};\nhttp { access_log off;`),
    command: (file) => ['/usr/sbin/nginx', ['-g', 'daemon off; master_process off; error_log stderr;', '-c', file]],
  },
};

/**
 * Three replicas and the proxy before them: {replicas, proxied, replace(i)}; `proxied` is a product to connect to. All end with the test.
 * replace(i): as a rolling update does, replica i ends by SIGTERM and a new one comes in its place.
 */
export async function threeReplicas(t, { cluster, proxy, args = [] }) {
  const key = filed(`${proxy}.key`);
  fs.writeFileSync(key, 'a key that all replicas have, 32 bytes and more\n', { mode: 0o600 });
  const replicas = [];
  const begin = (port) => Product.start(undefined, { cluster, port, args: ['--seal-key-file', key, ...args] });
  for (let i = 0; i < 3; ++i) replicas.push(await begin());
  const { config, listen, command } = PROXIES[proxy];
  const port = await freePort();
  let text = listen(fs.readFileSync(path.join(root, 'deploy/replicas', config), 'utf8'), port);
  for (const [i, name] of ['a', 'b', 'c'].entries()) text = text.replaceAll(`replica-${name}:6767`, `127.0.0.1:${replicas[i].port}`);
  const file = filed(`${proxy}.conf`);
  fs.writeFileSync(file, text);
  const [program, words] = command(file);
  const child = start(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part) => (said += part));
  t.after(async () => {
    child.kill('SIGKILL');
    await child.exited;
    for (const replica of replicas) await replica.stop().catch(() => {});
  });
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await until(() => `${proxy} to answer: ${said}`, async () => (await fetch(new URL('/readyz', url)).catch(() => ({}))).status === 200);
  const replace = async (i) => {
    const { port } = replicas[i];
    await replicas[i].stop();
    replicas[i] = await begin(port);
  };
  return { replicas, proxied: { url, tail: () => said }, replace };
}

// Three replicas behind one address, by the configurations of deploy/replicas: calls of revision 2026-07-28 are served by any replica,
// sessions of the older ones by theirs, and neither is lost for longer than its replica is.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Cluster, root } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { ModernSession } from './lib/modern.mjs';
import { start } from './lib/proc.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());

const LIST = { name: 'k0rdent.mgmt.namespaces.list', arguments: {} };
const workDir = process.env.E2E_DIR || '/tmp';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const PROXIES = {
  haproxy: {
    config: 'haproxy.cfg',
    listen: (text, port) => text.replace('bind :6767', `bind 127.0.0.1:${port}`),
    command: (file) => ['haproxy', ['-db', '-f', file]],
  },
  nginx: {
    config: 'nginx.conf',
    listen: (text, port) => text.replace('listen 6767', `listen 127.0.0.1:${port}`)
      .replace('http {', `pid ${workDir}/replicas-nginx.pid;\nhttp { access_log off;`),
    command: (file) => ['/usr/sbin/nginx', ['-g', 'daemon off; master_process off; error_log stderr;', '-c', file]],
  },
};

/** Three replicas and the proxy before them: {replicas, url}. */
async function world(t, proxy) {
  const key = path.join(workDir, `replicas-${proxy}.key`);
  fs.writeFileSync(key, 'a key that all replicas have, 32 bytes and more\n', { mode: 0o600 });
  const replicas = [];
  for (let i = 0; i < 3; ++i) replicas.push(await Product.start(undefined, { cluster, args: ['--seal-key-file', key] }));
  const { config, listen, command } = PROXIES[proxy];
  const port = await freePort();
  let text = listen(fs.readFileSync(path.join(root, 'deploy/replicas', config), 'utf8'), port);
  for (const [i, name] of ['a', 'b', 'c'].entries()) text = text.replaceAll(`replica-${name}:6767`, `127.0.0.1:${replicas[i].port}`);
  const file = path.join(workDir, `replicas-${proxy}.conf`);
  fs.writeFileSync(file, text);
  const [program, args] = command(file);
  const child = start(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part) => (said += part));
  t.after(async () => {
    child.kill('SIGKILL');
    await child.exited;
    for (const replica of replicas) await replica.stop().catch(() => {});
  });
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await until(() => `${proxy} to answer: ${said}`, async () => (await fetch(new URL('/readyz', url)).catch(() => ({}))).status === 200);
  return { replicas, proxied: { url, tail: () => said } };
}

/** How many sessions a replica has. */
const sessionsOf = async (replica) => Number(/^k0rdent_mcp_sessions (\d+)/m.exec((await replica.get('/metrics')).text)?.[1]);

for (const proxy of Object.keys(PROXIES)) {
  test(`behind ${proxy}: 300 calls of a modern client are served by three replicas, while one is killed and one drains`, async (t) => {
    const { replicas, proxied } = await world(t, proxy);
    const { client } = await ModernSession.open(proxied, { t });
    let good = 0;
    for (let i = 0; i < 300; ++i) {
      if (i === 100) await replicas[0].signal('SIGKILL');
      if (i === 200) await replicas[1].signal('SIGTERM');
      const result = await client.callTool(LIST);
      assert.ok(!result.isError, `call ${i}`);
      good += 1;
    }
    assert.equal(good, 300);
  });

  test(`behind ${proxy}: sessions stay with their replica; when it is killed, their clients are answered 404 and begin anew`, async (t) => {
    const { replicas, proxied } = await world(t, proxy);
    const sessions = [];
    for (let i = 0; i < 6; ++i) sessions.push(await Session.open(proxied, { t }));
    for (let round = 0; round < 5; ++round)
      for (const session of sessions) assert.ok(!(await session.client.callTool(LIST)).isError);
    const kept = await Promise.all(replicas.map(sessionsOf));
    assert.equal(kept.reduce((sum, n) => sum + n), sessions.length, 'no client began anew');
    if (proxy === 'haproxy') assert.deepEqual(kept, [2, 2, 2], 'it spreads sessions');
    const lost = kept.indexOf(Math.max(...kept));
    await replicas[lost].signal('SIGKILL');
    let moved = 0;
    for (const session of sessions) {
      try {
        assert.ok(!(await session.client.callTool(LIST)).isError);
      } catch (error) {
        assert.match(String(error.code ?? error.message), /404|Session/i, `${error}`);
        const again = await Session.open(proxied, { t });
        assert.ok(!(await again.client.callTool(LIST)).isError);
        moved += 1;
      }
    }
    assert.equal(moved, kept[lost], 'the sessions of the replica that is gone, and no others');
  });
}

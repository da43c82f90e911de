// A process that may use 32 MB: whatever strangers and callers do, it answers on. The limit is the kernel's: what goes beyond it is
// refused there, and a program that does not count would end.
import fs from 'node:fs';
import net from 'node:net';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { startSim } from './lib/sim.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());
const MiB = 1 << 20;
const LIMIT = 32 * MiB;

const initialize = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'flood', version: '1' } } });
const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

/** A line of its status in /proc, in bytes. */
const bytesOf = (product, name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${product.child.pid}/status`, 'utf8'))[1]);

/** Address space beyond what resident memory at rest is taken for: 32 MB in all, and not a page more. */
function limit(product) {
  execFileSync('prlimit', ['--pid', `${product.child.pid}`, `--as=${bytesOf(product, 'VmSize') + LIMIT - bytesOf(product, 'VmRSS')}`]);
}

const head = (product, fields, length) =>
  `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${product.port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${fields}Content-Length: ${length}\r\n\r\n`;

/** `count` connections that send `bytes` and read nothing, until end(). */
async function flood(product, count, bytes) {
  const sockets = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const socket = net.connect(product.port, '127.0.0.1', () => { socket.write(bytes); resolve(socket.pause()); });
    socket.on('error', () => resolve(socket));
  })));
  return { end: () => sockets.forEach((socket) => socket.destroy()) };
}

async function answersOn(product, what) {
  const health = await product.get('/healthz');
  assert.equal(health.status, 200, `${what}: /healthz`);
  assert.equal(product.child.exitCode, null, what);
}

// AddressSanitizer reserves terabytes of address space and keeps what was freed.
const skip = process.env.K0RDENT_MCP_VARIANT === 'asan' && 'optional: a limit of address space means nothing under AddressSanitizer';
for (const mode of ['OIDC_REQUIRED', 'DEV_ALLOW_ANY']) {
  test(`with 32 MB the process answers on, whatever comes (${mode})`, { skip }, async (t) => {
    const product = await Product.start(t, { cluster, env: { AUTH_MODE: mode }, args: ['--memory-limit=32Mi', '--log-level=info'] });
    limit(product);
    const big = 'x'.repeat(600_000), junk = 'Authorization: Bearer junk\r\n';
    const attacks = {
      'bodies without a token': () => flood(product, 150, head(product, '', 4 * MiB) + big),
      'bodies with junk tokens': () => flood(product, 150, head(product, junk, 4 * MiB) + big),
      'bodies that are small enough, with junk tokens': () => flood(product, 300, head(product, junk, 60_000) + 'x'.repeat(59_999)),
      'bodies in chunks': () => flood(product, 150, head(product, junk, 0).replace(/Content-Length: 0/, 'Transfer-Encoding: chunked') + `7d000\r\n${'x'.repeat(512_000)}`),
      'heads that do not end': () => flood(product, 600, `GET /mcp HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(15_000)}`),
      'silence': () => flood(product, 900, ''),
      'pipelines that are not read': () => flood(product, 200, (head(product, junk, list.length) + list).repeat(500)),
      'a batch of ones': () => flood(product, 4, head(product, junk, 600_001) + `[${'1,'.repeat(299_999)}1]`),
      'a session for each': () => flood(product, 300, (head(product, junk, initialize.length) + initialize).repeat(30)),
    };
    for (const [what, attack] of Object.entries(attacks)) {
      const attackers = await attack();
      for (let i = 0; i < 5; ++i) {
        await pause(200);
        await answersOn(product, what);
      }
      attackers.end();
      await pause(100);
      await answersOn(product, `after ${what}`);
    }
  });
}

// 20 changes of objects of 0.8 MB held 114 MB at once. They take turns now, and what finds no room to wait is told when to come back.
// A limit of address space would refuse one alone: a parsed text reserves ten times its size, and touches two of them.
test('with 32 MB large objects are written and read by many at once', { skip }, async (t) => {
  const ns = await cluster.kube.namespace('crowd');
  const product = await Product.start(t, { cluster, env: { AUTH_MODE: 'DEV_ALLOW_ANY' }, args: ['--memory-limit=32Mi', '--log-level=info', '--allow-writes'] });
  const session = await product.handshake();
  const call = async (name, args) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `k0rdent.mgmt.${name}`, arguments: args } };
    const { status, text } = await product.post(body, session);
    return { status, text, made: /"status":"(created|dry_run|updated)"/.test(text), read: /"kind":"ConfigMap"/.test(text) };
  };
  const data = (version) => Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`k${i}`, `line ${version}\n`.repeat(60)]));
  const apply = (i, version, dryRun) =>
    call('objects.apply', { dryRun, manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `m${i}`, namespace: ns }, data: data(version) } });
  for (let i = 0; i < 20; ++i) {
    const { text, made } = await apply(i, 1, false);
    assert.ok(made, text.slice(0, 300));
  }
  const crowds = {
    'large dry runs': (i) => apply(i, 2, true),
    'large writes': (i) => apply(i, 3, false),
    'small changes of large objects': (i) => call('objects.label', { kind: 'configmap', namespace: ns, name: `m${i}`, labels: { a: 'b' } }),
    'large reads': (i) => call('objects.get', { kind: 'configmap', namespace: ns, name: `m${i}`, maxBytes: 1 << 20 }),
  };
  for (const [what, one] of Object.entries(crowds)) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => one(i)));
    for (const { status, text, made, read } of answers)
      assert.ok(made || read || status === 503 || /too many changes .* call again in 5s/.test(text), `${what}: ${status} ${text.slice(0, 300)}`);
    assert.ok(answers.some(({ made, read }) => made || read), `${what}: none was served`);
    await answersOn(product, what);
    const peak = bytesOf(product, 'VmHWM');
    t.diagnostic(`${what}: ${answers.filter(({ made, read }) => made || read).length} served, at most ${Math.round(peak / MiB)} MiB`);
    assert.ok(peak <= LIMIT + LIMIT / 8, `${what}: ${peak} bytes`); // 31 MiB here; an allocator of another mood needs some more
  }
});

// 25 callers with two subscriptions each took 41 MB of 32, and the process kept 30 of them when all had gone: their connections to the
// API server were in no budget, and the heap was looked at before the watches had ended.
test('with 32 MB the watches of many identities are refused in time, and what they held is given back', { skip }, async (t) => {
  const COUNT = 25, TOOL = 'k0rdent.mgmt.objects.list';
  const sim = await startSim(['--objects', '1500', ...Array.from({ length: COUNT }, (_, i) => ['--token', `token-${i}=user-${i}`]).flat()]);
  t.after(() => sim.stop());
  const product = await Product.start(t, { kubeconfig: sim.kubeconfig, env: { AUTH_MODE: 'OIDC_REQUIRED' }, args: ['--memory-limit=32Mi', '--log-level=info'] });
  limit(product);
  const rest = bytesOf(product, 'RssAnon'), sessions = [];
  const ask = async (session, method, params) => {
    const { status, text } = await product.post({ jsonrpc: '2.0', id: 1, method, params }, session);
    assert.ok(status === 200 || status === 503, `${method}: ${status} ${text.slice(0, 300)}`);
    assert.ok(status === 503 || !/"error"/.test(text) || /try again in \d+s/.test(text), `${method}: ${text.slice(0, 300)}`);
    return status === 200 && !/"error"/.test(text);
  };
  let subscribed = 0;
  for (let i = 0; i < COUNT; ++i) {
    const session = await product.handshake({ authorization: `Bearer token-${i}` }).catch((error) => assert.match(error.message, /503|429/));
    if (!session) continue;
    sessions.push(session);
    for (const uri of ['k0rdent://objects/core/v1/namespaces/-', 'k0rdent://graph'])
      subscribed += await ask(session, 'resources/subscribe', { uri });
  }
  assert.ok(subscribed >= 4, `${subscribed} subscriptions`);
  await answersOn(product, 'watches');
  t.diagnostic(`${subscribed} subscriptions of ${sessions.length} identities, at most ${Math.round(bytesOf(product, 'VmHWM') / MiB)} MiB`);
  await Promise.all(sessions.flatMap((session) => [
    ask(session, 'tools/call', { name: TOOL, arguments: { kind: 'namespaces', limit: 1000, maxBytes: 1_000_000 } }),
    ask(session, 'resources/read', { uri: 'k0rdent://graph' }),
    ask(session, 'resources/subscribe', { uri: 'k0rdent://objects/core/v1/pods/-' }),
  ]));
  await answersOn(product, 'watches, lists and reads');
  const peak = bytesOf(product, 'VmHWM');
  t.diagnostic(`with lists and reads at most ${Math.round(peak / MiB)} MiB`);
  assert.ok(peak <= LIMIT, `${peak} bytes`);
  for (const session of sessions) await product.ask('DELETE', '/mcp', { headers: session });
  await until('the memory to be given back', () => bytesOf(product, 'RssAnon') < rest + 8 * MiB, { ms: 120_000 });
  const again = await product.handshake({ authorization: 'Bearer token-0' });
  assert.ok(await ask(again, 'resources/subscribe', { uri: 'k0rdent://graph' }), 'there is room again');
});

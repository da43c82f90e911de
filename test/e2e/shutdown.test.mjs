// The way out: SIGTERM delivers what was produced, ends every stream cleanly and exits 0; a second signal ends at once.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { Product } from './lib/product.mjs';
import { eachEra, openBoth } from './lib/eras.mjs';
import { Session, brief, eventsUri, logsUri } from './lib/mcp.mjs';
import { MODERN } from './lib/modern.mjs';
import { by } from './lib/audit.mjs';
import { once } from 'node:events';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
let kubelet;
before(async () => (kubelet = await Kubelet.start(cluster)));
after(async () => {
  await kubelet.stop();
  kube.close();
});

/** Long enough for a loaded machine; the promise is 5 s. */
const SOON_MS = 5000;

/** A call that stays in flight, since its pod's kubelet answers nothing: {outcome, pod}. */
async function stalledCall(session) {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'stuck');
  pod.log().stalled = true;
  const outcome = session.call('k0rdent.mgmt.podLogs.get', { namespace: ns, pod: 'stuck' })
    .then((result) => ({ result }), (error) => ({ error }));
  await until('the call to reach the kubelet', () => pod.log().requests.length > 0);
  return { outcome, pod };
}

/** A subscriber with megabytes to take that takes none: a shutdown has to wait for it. */
async function stubbornReader(t, product) {
  const ns = await kube.namespace('stubborn');
  const headers = await product.handshake();
  await product.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: eventsUri(ns) } }, headers);
  const socket = await openStream(product, 'GET', headers);
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  const witness = await Session.open(product, { t });
  await witness.subscribe(eventsUri(ns));
  for (let i = 0; i < 40; i++) await kube.coreEvent(ns, `e-${i}`, { message: 'n'.repeat(200_000) });
  await witness.got('all', eventsUri(ns), (d) => d.some((delta) => delta.event?.name === 'e-39'));
}

/** An event stream on a bare socket, paused after its head; `head` is what came with it. */
async function openStream(product, method, headers, body = '') {
  const socket = await product.connect();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${method} /mcp HTTP/1.1\r\nHost: 127.0.0.1:${product.port}\r\n` +
    `Accept: application/json, text/event-stream\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${lines}\r\n${body}`);
  socket.head = await new Promise((resolve) => socket.once('data', (bytes) => (socket.pause(), resolve(bytes))));
  assert.match(socket.head.toString(), /^HTTP\/1\.1 200 /);
  return socket;
}

const MODERN_META = { 'io.modelcontextprotocol/protocolVersion': MODERN, 'io.modelcontextprotocol/clientCapabilities': {} };

/** How each era subscribes by hand, to a stream of openStream(). */
const SLOW_READERS = {
  async legacy(product, uri) {
    const headers = await product.handshake();
    await product.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } }, headers);
    return openStream(product, 'GET', headers);
  },
  modern: (product, uri) => openStream(product, 'POST',
    { 'Content-Type': 'application/json', 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'subscriptions/listen' },
    JSON.stringify({
      jsonrpc: '2.0', id: 'slow', method: 'subscriptions/listen',
      params: {
        notifications: { resourceSubscriptions: [uri] },
        _meta: MODERN_META,
      },
    })),
};

const draining = (product) => until('the log to speak of draining',
  () => product.log.some((entry) => /drain|shut/i.test(JSON.stringify(entry.msg ?? ''))));

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} with open subscriptions: streams and watches end cleanly, exit 0 within 5 s`, async (t) => {
    const ns = await kube.namespace();
    const pod = await kubelet.pod(ns, 'web-0');
    const product = await Product.start(t, { cluster });
    const sessions = (await Promise.all([1, 2].map(() => openBoth(product, { t })))).flat();
    for (const session of sessions) {
      await session.subscribe(eventsUri(ns));
      await session.subscribe(logsUri(ns, 'web-0'));
    }
    await kube.coreEvent(ns, 'one');
    await until('the follower', () => pod.log().followers.size > 0);
    pod.log().append('a line');
    for (const session of sessions) {
      await session.got('event', eventsUri(ns), (d) => d.length === 1);
      await session.got('line', logsUri(ns, 'web-0'), (d) => d.length === 1);
    }
    product.signal(signal);
    assert.deepEqual(await product.ended(SOON_MS), { code: 0, signal: null });
    for (const session of sessions) {
      await until('its streams to end', () => session.streams.every((stream) => stream.ended));
      assert.ok(session.streams.length > 0);
      for (const stream of session.streams) assert.equal(stream.ended, 'clean');
    }
    await until('the kubelet to be left alone', () => pod.log().followers.size === 0);
    await until('no request to stay open', () => cluster.audit.open(by(product.user.name)).length === 0);
  });
}

eachEra('SIGTERM with notifications in flight: a slow reader still gets all of them', async (t, Session, era) => {
  const ns = await kube.namespace('inflight');
  const uri = eventsUri(ns);
  const product = await Product.start(t, { cluster });
  const fast = await Session.open(product, { t });
  await fast.subscribe(uri);
  const socket = await SLOW_READERS[era](product, uri);

  const total = 60;
  const note = 'n'.repeat(8000); // half a megabyte that nobody reads yet
  for (let i = 0; i < total; i++) await kube.coreEvent(ns, `e-${i}`, { message: note });
  await fast.got('all', uri, (d) => d.length === total); // so they are produced for both
  product.signal('SIGTERM');
  await draining(product);
  const received = [socket.head];
  const closed = new Promise((resolve, reject) => socket.on('end', resolve).on('error', reject));
  socket.on('data', (bytes) => received.push(bytes));
  socket.resume();
  await closed;
  assert.deepEqual(await product.ended(SOON_MS), { code: 0, signal: null });
  const body = dechunk(Buffer.concat(received).toString().split('\r\n\r\n').slice(1).join('\r\n\r\n'));
  const messages = body.split('\n').filter((line) => line.startsWith('data:') && line.length > 6).map((line) => JSON.parse(line.slice(5)));
  if (era === 'modern') {
    assert.equal(messages.shift().method, 'notifications/subscriptions/acknowledged');
    assert.equal(messages.pop().id, 'slow', 'the result is last');
  }
  await until('the end of the other stream', () => fast.streams[0].ended);
  for (const deltas of [messages.map((message) => message.params._meta.delta), fast.deltas(uri)]) {
    const last = deltas.pop(); // no subscription ends silently
    assert.equal(last.action, 'ERROR');
    assert.match(last.event.message, /shut/i);
    assert.deepEqual(brief(deltas), Array.from({ length: total }, (_, i) => `ADDED e-${i}`));
  }
});

/** A chunked body that must end with its last chunk. */
function dechunk(text) {
  let out = '';
  for (;;) {
    const line = text.indexOf('\r\n');
    const size = parseInt(text.slice(0, line), 16);
    assert.ok(Number.isInteger(size), `a chunk size, not ${JSON.stringify(text.slice(0, 40))}`);
    if (size === 0) return out;
    out += text.slice(line + 2, line + 2 + size);
    text = text.slice(line + 2 + size + 2);
  }
}

/** A request whose last byte is still to be said; rest(): says it and returns the answer. */
async function halfSaid(product, head, body) {
  const socket = await product.connect();
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => (answer += part)).on('error', () => {});
  const over = new Promise((resolve) => socket.on('close', resolve));
  socket.write(`${head}\r\nHost: 127.0.0.1:${product.port}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`);
  return { rest: async () => (socket.write(body.slice(-1)), await over, answer) };
}

/** The first message of each era, by hand: its headers and body. */
const NEWCOMERS = {
  legacy: ['', {
    jsonrpc: '2.0', id: 1, method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'late', version: '1' } },
  }],
  modern: [`\r\nMCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: k0rdent.mgmt.namespaces.list`, {
    jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'k0rdent.mgmt.namespaces.list', _meta: MODERN_META },
  }],
};

eachEra('while draining: not ready, no new client is let in, and the call in flight is answered', async (t, Session, era) => {
  const product = await Product.start(t, { cluster, args: ['--drain-timeout', '3s'] });
  const session = await Session.open(product, { t });
  const { outcome } = await stalledCall(session);
  await stubbornReader(t, product); // so that draining lasts
  // Requests under way when the signal comes: the listener is closed then, their connections are not.
  const probe = await halfSaid(product, 'GET /readyz HTTP/1.1', ' ');
  const [headers, first] = NEWCOMERS[era];
  const half = () => halfSaid(product,
    `POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream${headers}`, JSON.stringify(first));
  const newcomer = await half(), late = await half();
  const silent = (await product.connect()).resume(), closed = once(silent, 'end');
  await product.get('/healthz'); // so the halves are read before the signal is
  product.signal('SIGTERM');
  await draining(product);
  await until('the listener to be closed', () => product.connect().then((s) => (s.destroy(), false), () => true));
  const readiness = await probe.rest();
  assert.match(readiness, /^HTTP\/1\.1 503 /);
  assert.match(readiness, /drain|shut/i);
  // A call that was on its way is answered, and ends its connection; one that comes later is refused, as a new session always is.
  const answer = await newcomer.rest();
  if (era === 'modern') assert.match(answer, /^HTTP\/1\.1 200 [^]*connection: close[^]*kube-system/i);
  await closed; // a connection that said nothing is closed when no call begins any more
  for (const refusal of era === 'modern' ? [await late.rest()] : [answer, await late.rest()]) {
    assert.match(refusal, /^HTTP\/1\.1 503 /);
    assert.ok(!/mcp-session-id/i.test(refusal), refusal);
    assert.match(refusal, /drain|shut/i);
  }
  const { result, error } = await outcome;
  assert.ok(result || /drain|shut|stopp|cancel|abort/i.test(error?.message ?? ''), `answered, with a reason: ${error?.message}`);
  assert.deepEqual(await product.ended(3000 + SOON_MS), { code: 0, signal: null });
});

test('a second signal ends it at once with 128 + its number', async (t) => {
  for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]]) {
    const product = await Product.start(t, { cluster, args: ['--drain-timeout', '60s'] });
    const session = await Session.open(product, { t });
    const { outcome } = await stalledCall(session);
    await stubbornReader(t, product); // so that draining lasts
    product.signal('SIGTERM');
    await draining(product);
    product.signal(signal);
    const end = await product.ended(SOON_MS);
    assert.ok(end.code === code || end.signal === signal, `${JSON.stringify(end)} is not ${code}`);
    await outcome;
  }
});

test('a reader that takes nothing delays the end by no more than the drain timeout', async (t) => {
  const product = await Product.start(t, { cluster, args: ['--drain-timeout', '1s'] });
  await stubbornReader(t, product);
  const began = performance.now();
  product.signal('SIGTERM');
  assert.deepEqual(await product.ended(15_000), { code: 0, signal: null });
  assert.ok(performance.now() - began < 1000 + SOON_MS, 'not later than that');
});

test('SIGHUP does not end it', async (t) => {
  const product = await Product.start(t, { cluster });
  product.signal('SIGHUP');
  const session = await Session.open(product, { t });
  await session.call('k0rdent.mgmt.namespaces.list');
  assert.equal((await product.get('/readyz')).status, 200);
  await session.terminate();
});

test('each step of the shutdown is one line of the log, in JSON, in UTC', async (t) => {
  const product = await Product.start(t, { cluster });
  const session = await Session.open(product, { t });
  await session.client.ping();
  product.signal('SIGTERM');
  assert.deepEqual(await product.ended(SOON_MS), { code: 0, signal: null });
  await until('the whole log', () => product.child.stderr.readableEnded);
  for (const entry of product.log) {
    assert.ok(!entry.raw, `not JSON: ${entry.raw}`);
    assert.match(entry.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(entry.level && entry.msg);
    assert.deepEqual(Object.keys(entry).slice(0, 3), ['time', 'level', 'msg']);
  }
  const from = product.log.findIndex((entry) => /drain|shut/i.test(entry.msg));
  const steps = product.log.slice(from).filter((entry) => /^info$/i.test(entry.level));
  assert.ok(steps.length >= 3, `draining, closing and exit:\n${product.tail(12)}`);
  assert.ok(!product.log.some((entry) => JSON.stringify(entry).includes(product.user.token)), 'no token in the log');
});

// An API server that dies, forgets or freezes, seen by clients of both eras at once. It is this file's own, since others must not
// notice.
import path from 'node:path';
import fs from 'node:fs';
import os from 'node:os';
import test, { after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Proxy } from './lib/proxy.mjs';
import { openBoth } from './lib/eras.mjs';
import { Session, brief, eventsUri } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';
import { until } from './lib/wait.mjs';

const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'outage-'));
const cluster = await Cluster.start(dir);
const { kube } = cluster;
const proxy = await (await Proxy.to(cluster.url)).open();
after(async () => {
  await proxy.close();
  await cluster.stop();
});
beforeEach(() => proxy.open()); // a story that failed may have left it closed

/** A long outage makes long pauses between attempts: allow for them. */
const RECOVERY_MS = 60_000;
const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);
/** What was told about the events themselves; word of the outage may stand between. */
const told = (deltas) => brief(deltas.filter((delta) => !['ERROR', 'STALE', 'FRESH'].includes(delta.action)));

test('killed and restarted on the same etcd: what happened meanwhile arrives, nothing lost, nothing twice', async (t) => {
  const ns = await kube.namespace('killed');
  for (const name of ['there', 'counted', 'doomed']) await kube.coreEvent(ns, name);
  const product = await Product.start(t, { cluster, url: proxy.url });
  const sessions = await openBoth(product, { t });
  const uri = eventsUri(ns);
  for (const session of sessions) await session.subscribe(uri);
  for (const session of sessions) await session.got('what was there', uri, (d) => d.length >= 3);

  await cluster.killServer();
  await proxy.refuse(); // the product stays out until all of this has happened
  proxy.cut();
  await cluster.startServer();
  await kube.coreEvent(ns, 'outage-1');
  await kube.bumpEvent(ns, 'counted', 4);
  await kube.deleteEvent(ns, 'doomed');
  await kube.coreEvent(ns, 'outage-2');
  await proxy.open();

  for (const session of sessions) await session.got('what happened meanwhile', uri, mark('outage-2'), RECOVERY_MS);
  await kube.coreEvent(ns, 'after');
  for (const session of sessions) {
    const deltas = await session.got('what came after', uri, mark('after'), RECOVERY_MS);
    assert.deepEqual(told(deltas).slice(0, 3).sort(), ['ADDED counted', 'ADDED doomed', 'ADDED there']);
    assert.deepEqual(told(deltas).slice(3).sort(),
      ['ADDED after', 'ADDED outage-1', 'ADDED outage-2', 'DELETED doomed', 'MODIFIED counted'].sort());
  }
  assert.equal((await product.get('/readyz')).status, 200);
  for (const session of sessions) await session.terminate();
});

test('killed, restarted and its history compacted: the difference arrives, deletions too', async (t) => {
  const ns = await kube.namespace('compacted');
  for (const name of ['there', 'counted', 'doomed']) await kube.coreEvent(ns, name);
  const product = await Product.start(t, { cluster, url: proxy.url });
  const sessions = await openBoth(product, { t });
  const uri = eventsUri(ns);
  for (const session of sessions) await session.subscribe(uri);
  for (const session of sessions) await session.got('what was there', uri, (d) => d.length >= 3);

  await proxy.refuse();
  proxy.cut();
  await cluster.killServer();
  await cluster.startServer();
  await kube.bumpEvent(ns, 'counted', 2);
  await kube.bumpEvent(ns, 'counted', 3);
  await kube.deleteEvent(ns, 'doomed');
  await kube.coreEvent(ns, 'short-lived');
  await kube.deleteEvent(ns, 'short-lived');
  await kube.coreEvent(ns, 'outage');
  await cluster.compact(); // the product's resourceVersion is 410 now
  await proxy.open();

  for (const session of sessions) await session.got('what happened meanwhile', uri, mark('outage'), RECOVERY_MS);
  await kube.coreEvent(ns, 'after');
  for (const session of sessions) {
    const deltas = await session.got('what came after', uri, mark('after'), RECOVERY_MS);
    const rest = deltas.filter((delta) => delta.action !== 'ERROR').slice(3);
    assert.deepEqual(brief(rest).sort(), ['ADDED after', 'ADDED outage', 'DELETED doomed', 'MODIFIED counted'].sort());
    assert.equal(rest.find((delta) => delta.action === 'MODIFIED').event.count, 3);
    await session.terminate();
  }
});

test('a connection that is cut again and again loses and repeats nothing', async (t) => {
  const ns = await kube.namespace('cut');
  const product = await Product.start(t, { cluster, url: proxy.url });
  const sessions = await openBoth(product, { t });
  const uri = eventsUri(ns);
  for (const session of sessions) await session.subscribe(uri);
  const everyone = async (...what) => { for (const session of sessions) await session.got(...what, RECOVERY_MS); };
  const wanted = [];
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) {
      const name = `e-${round}-${i}`;
      wanted.push(`ADDED ${name}`);
      await kube.coreEvent(ns, name);
      // A stream that broke before it brought anything makes its cursor suspect: what follows would come by a list, by name.
      if (i === 0) await everyone(`the start of round ${round}`, uri, mark(name));
      if (i === 10) proxy.cut();
    }
    await everyone(`round ${round}`, uri, mark(`e-${round}-19`));
  }
  for (const session of sessions) {
    assert.deepEqual(told(session.deltas(uri)), wanted);
    await session.terminate();
  }
});

test('a frozen API server does not freeze the program: others are answered, and it goes on when it thaws', async (t) => {
  const ns = await kube.namespace('frozen');
  const product = await Product.start(t, { cluster });
  const session = await Session.open(product, { t });
  const uri = eventsUri(ns);
  await session.subscribe(uri);
  await kube.coreEvent(ns, 'before');
  await session.got('the first', uri, mark('before'));
  cluster.freeze();
  try {
    const slow = session.call('k0rdent.mgmt.namespaces.list').then(() => 'answered', () => 'refused');
    const began = performance.now();
    assert.equal((await product.get('/healthz')).status, 200);
    assert.ok((await session.client.listTools()).tools.length > 0);
    assert.ok(performance.now() - began < 2000, 'what needs no cluster does not wait for it');
    cluster.thaw();
    assert.equal(await slow, 'answered');
  } finally {
    cluster.thaw();
  }
  await kube.coreEvent(ns, 'after');
  assert.deepEqual(told(await session.got('the next', uri, mark('after'), RECOVERY_MS)), ['ADDED before', 'ADDED after']);
  await session.terminate();
});

test('a tool call while the API server is down is a clear error, and works again afterwards', async (t) => {
  const product = await Product.start(t, { cluster, url: proxy.url });
  const sessions = await openBoth(product, { t });
  for (const session of sessions) await session.call('k0rdent.mgmt.namespaces.list');
  await proxy.refuse();
  proxy.cut();
  const texts = await Promise.all(sessions.map((session) => session.refusal('k0rdent.mgmt.namespaces.list', {})))
    .finally(() => proxy.open());
  for (const text of texts) {
    assert.match(text, /list namespaces/i);
    assert.match(text, /refused|connect|reach/i);
  }
  for (const session of sessions) {
    await until('it to work again', () => session.call('k0rdent.mgmt.namespaces.list'), { ms: RECOVERY_MS, every: 200 });
    await session.terminate();
  }
});

test('a token that the API server no longer takes ends its streams with a reason; another good one goes on', async (t) => {
  const ns = await kube.namespace('revoked');
  await kube.grant(ns, 'alice', READ_EVENTS);
  await kube.grant(ns, 'bob', READ_EVENTS);
  const product = await Product.start(t, { cluster, url: proxy.url, env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const alices = await openBoth(product, { t, token: cluster.tokens.alice });
  const bob = await Session.open(product, { t, token: cluster.tokens.bob });
  const uri = eventsUri(ns);
  for (const session of [...alices, bob]) await session.subscribe(uri);
  await kube.coreEvent(ns, 'before');
  for (const session of [...alices, bob]) await session.got('the first', uri, mark('before'));

  cluster.writeTokens({ without: ['alice', 'aliceAgain'] });
  await proxy.refuse();
  proxy.cut();
  await cluster.killServer();
  await cluster.startServer(); // reads the tokens anew
  await proxy.open(); // not before it knows who may what: until then it forbids, and that is asked again only after 30 s
  try {
    for (const alice of alices) {
      const deltas = await alice.got('a reason', uri, (d) => d.some((delta) => delta.action === 'ERROR' &&
        /unauthori[sz]ed|401|token|credential/i.test(delta.event.message)), RECOVERY_MS);
      assert.equal(deltas.at(-1).action, 'ERROR', 'and nothing after it');
    }
    await kube.coreEvent(ns, 'after');
    await bob.got('the next', uri, mark('after'), RECOVERY_MS);
    for (const alice of alices) assert.ok(!mark('after')(alice.deltas(uri)));
  } finally {
    cluster.writeTokens();
  }
});

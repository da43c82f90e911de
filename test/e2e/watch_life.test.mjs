// How long a watch lasts: its natural end, its bookmarks, and an API server that is silent for longer than it. The API server is this file's own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { all, by, watchOf } from './lib/audit.mjs';
import { Cluster } from './lib/cluster.mjs';
import { OWN_CRDS, loadCrds } from './lib/fixtures.mjs';
import { Product } from './lib/product.mjs';
import { Session, brief, contentOf, eventsUri } from './lib/mcp.mjs';
import { until } from './lib/wait.mjs';

const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'watch-life-')), {
  flags: ['--min-request-timeout=5'],
  etcdFlags: ['--experimental-watch-progress-notify-interval=1s'], // or the API server's cache of a quiet kind knows only every 10 min how far it is
});
const { kube } = cluster;
after(() => cluster.stop());

const RECOVERY_MS = 60_000;
const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);
/** What was told about the events themselves; word of the outage may stand between. */
const told = (deltas) => brief(deltas.filter((delta) => delta.action !== 'ERROR'));

/** The entry of k0rdent://watches whose key holds `word`. */
async function watch(session, word) {
  const { watches } = JSON.parse(contentOf(await session.read('k0rdent://watches')));
  const found = watches.filter(({ key }) => key.includes(word));
  assert.equal(found.length, 1, `${word} in ${watches.map(({ key }) => key)}`);
  return found[0];
}

test('a watch that comes to its natural end is followed by the next: nothing lost, nothing twice, no new list', async (t) => {
  const ns = await kube.namespace('natural');
  const product = await Product.start(t, { cluster, args: ['--watch-timeout', '5s'] });
  const session = await Session.open(product, { t });
  const uri = eventsUri(ns);
  await session.subscribe(uri);
  const wanted = [];
  for (const stop = performance.now() + RECOVERY_MS; (await watch(session, ns)).restarts < 3;) {
    assert.ok(performance.now() < stop, 'three ends');
    const name = `e-${wanted.length}`;
    wanted.push(`ADDED ${name}`);
    await kube.coreEvent(ns, name);
    await pause(100);
  }
  await kube.coreEvent(ns, 'last');
  const deltas = await session.got('the last', uri, mark('last'));
  assert.deepEqual(brief(deltas), [...wanted, 'ADDED last'], 'and no word of an outage');
  assert.equal((await watch(session, ns)).lists, 1);
  const asked = cluster.audit.requests(all(by(product.user.name), watchOf(ns))).map((entry) => new URL(entry.requestURI, cluster.url).searchParams);
  assert.ok(asked.length >= 4);
  for (const query of asked) assert.match(query.get('timeoutSeconds'), /^[56]$/);
  await session.terminate();
});

test('bookmarks move the place to go on from while nothing happens', async (t) => {
  await loadCrds(kube, OWN_CRDS);
  const ns = await kube.namespace('bookmark');
  const api = `/apis/k0rdent.mirantis.com/v1beta1/namespaces/${ns}/credentials`;
  const credential = (name) => kube.create(api, {
    apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'Credential', metadata: { name, namespace: ns },
    spec: { identityRef: { apiVersion: 'v1', kind: 'Secret', name, namespace: ns } },
  });
  await credential('first');
  const product = await Product.start(t, { cluster, args: ['--watch-timeout', '10s'] });
  const session = await Session.open(product, { t });
  const uri = `k0rdent://graph?namespace=${ns}`;
  const has = (name) => (deltas) => deltas.some(({ nodes = [] }) => nodes.some((node) => node.id === `Credential:${ns}/${name}`));
  await session.subscribe(uri);
  await session.got('the snapshot', uri, has('first'));
  const before = await watch(session, ' credentials.');
  const deltas = session.deltas(uri).length;
  const moved = await until(() => `the resourceVersion to move on from ${JSON.stringify(before)}`, async () => {
    await kube.coreEvent(ns, `elsewhere-${Date.now()}`); // the cluster's version goes up
    const now = await watch(session, ' credentials.');
    return Number(now.resourceVersion) > Number(before.resourceVersion) && now;
  }, { ms: RECOVERY_MS, every: 500 });
  assert.equal(moved.lists, before.lists, 'no list brought it');
  // Notes may come and go: of new definitions the API server says for a moment that their storage is initializing.
  const told = session.deltas(uri).slice(deltas).filter(({ nodes = [], edges = [] }) => nodes.length || edges.length);
  assert.deepEqual(told, [], 'no change was told');
  await credential('second');
  await session.got('what came after', uri, has('second'));
  assert.equal(session.deltas(uri).filter((delta) => has('second')([delta])).length, 1);
  await session.terminate();
});

test('an API server that is silent for longer than a watch may last: nothing lost, nothing twice when it thaws', async (t) => {
  const ns = await kube.namespace('silent');
  const product = await Product.start(t, { cluster, args: ['--watch-timeout', '5s'] });
  const session = await Session.open(product, { t });
  const uri = eventsUri(ns);
  await session.subscribe(uri);
  await kube.coreEvent(ns, 'before');
  await session.got('the first', uri, mark('before'));
  const { restarts } = await watch(session, ns);
  const began = performance.now();
  cluster.freeze();
  let during;
  try {
    // Its own deadline: the server could not end it.
    const next = await until('the watch to be given up', async () => {
      const now = await watch(session, ns);
      return now.restarts > restarts && now;
    }, { ms: RECOVERY_MS, every: 100 });
    assert.ok(performance.now() - began > 5000, 'not before its time');
    assert.notEqual(next.state, 'confirmed');
    assert.equal((await product.get('/healthz')).status, 200);
    during = kube.coreEvent(ns, 'during'); // answered when it thaws
    await pause(2000);
  } finally {
    cluster.thaw();
  }
  await during;
  await session.got('what was asked for meanwhile', uri, mark('during'), RECOVERY_MS);
  await kube.coreEvent(ns, 'after');
  const deltas = await session.got('the next', uri, mark('after'), RECOVERY_MS);
  assert.deepEqual(told(deltas), ['ADDED before', 'ADDED during', 'ADDED after']);
  await session.terminate();
});

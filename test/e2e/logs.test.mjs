// Subscriptions to a container's log: every line once, in order, and an end that is said.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { Product } from './lib/product.mjs';
import { eachEra } from './lib/eras.mjs';
import { logsUri } from './lib/mcp.mjs';
import { all, by, logOf } from './lib/audit.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
const product = await Product.start(undefined, { cluster });
let kubelet;
before(async () => (kubelet = await Kubelet.start(cluster)));
after(async () => {
  await product.stop();
  await kubelet.stop();
  kube.close();
});

const streams = (ns, pod) => cluster.audit.open(all(by(product.user.name), logOf(ns, pod)));
const followed = (pod) => until('the follower', () => pod.log().followers.size === 1);
const lines = (deltas) => deltas.filter((d) => d.type === 'line').map((d) => d.line);
const count = (n) => (deltas) => lines(deltas).length >= n;

eachEra('lines arrive one by one, in order, numbered from 1', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('before 1', 'before 2');
  const session = await Session.open(product, { t });
  const uri = logsUri(ns, 'web-0');
  await session.subscribe(uri);
  await session.got('what was there', uri, count(2));
  await followed(pod);
  pod.log().append('after 1', '', '  naïve ✓ "quoted" \\ \t', 'ends with a return\r');
  const deltas = await session.got('the rest', uri, count(6));
  assert.deepEqual(lines(deltas), ['before 1', 'before 2', 'after 1', '', '  naïve ✓ "quoted" \\ \t', 'ends with a return']);
  assert.deepEqual(deltas.map((d) => d.sequence), [1, 2, 3, 4, 5, 6]);
  for (const delta of deltas) {
    assert.deepEqual(Object.keys(delta).sort(), ['line', 'sequence', 'timestamp', 'type']);
    assert.match(delta.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
    assert.ok(Math.abs(Date.parse(delta.timestamp) - Date.now()) < 120_000);
  }
  assert.ok(session.updates.every((update) => update.uri === uri));
  await session.terminate();
  await until('the end of the log stream', () => streams(ns, 'web-0').length === 0);
  await until('the kubelet to be left alone', () => pod.log().followers.size === 0);
});

eachEra('tailLines in the uri starts with the last lines', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('1', '2', '3');
  const session = await Session.open(product, { t });
  const uri = `${logsUri(ns, 'web-0')}?tailLines=1`;
  await session.subscribe(uri);
  await followed(pod);
  pod.log().append('4');
  assert.deepEqual(lines(await session.got('the lines', uri, count(2))), ['3', '4']);
  await session.terminate();
});

eachEra('a burst of lines arrives whole', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  const session = await Session.open(product, { t });
  const uri = logsUri(ns, 'web-0');
  await session.subscribe(uri);
  await followed(pod);
  const wanted = Array.from({ length: 500 }, (_, i) => `line ${i} ${'x'.repeat(i % 200)}`);
  pod.log().append(...wanted);
  const deltas = await session.got('all', uri, count(500));
  assert.deepEqual(lines(deltas), wanted);
  assert.deepEqual(deltas.map((d) => d.sequence), wanted.map((_, i) => i + 1));
  await session.terminate();
});

eachEra('two clients on one log both get every line, each counts from 1, and one that leaves takes nothing from the other', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('before');
  const uri = logsUri(ns, 'web-0');
  const pair = [await Session.open(product, { t }), await Session.open(product, { t })];
  for (const session of pair) await session.subscribe(uri);
  await followed(pod);
  pod.log().append('one', 'two');
  for (const session of pair) {
    const deltas = await session.got('all lines', uri, count(3));
    assert.deepEqual(deltas.map((d) => [d.sequence, d.line]), [[1, 'before'], [2, 'one'], [3, 'two']]);
  }
  await pair[0].terminate();
  await followed(pod);
  pod.log().append('three');
  const deltas = await pair[1].got('the next', uri, count(4));
  assert.deepEqual(deltas.map((d) => [d.sequence, d.line]).at(-1), [4, 'three']);
  await pair[1].terminate();
  await until('the end of the log streams', () => streams(ns, 'web-0').length === 0);
});

eachEra('a connection that breaks is resumed: nothing lost, nothing twice', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  const session = await Session.open(product, { t });
  const uri = logsUri(ns, 'web-0');
  await session.subscribe(uri);
  await followed(pod);
  pod.log().append('1', '2', 'same', 'same');
  await session.got('the first lines', uri, count(4));
  pod.log().cut();
  pod.log().append('3', 'same');
  await session.got('what came in between', uri, count(6));
  await followed(pod);
  pod.log().append('4');
  const deltas = await session.got('the line after', uri, count(7));
  assert.deepEqual(lines(deltas), ['1', '2', 'same', 'same', '3', 'same', '4']);
  assert.deepEqual(deltas.filter((d) => d.type === 'line').map((d) => d.sequence), [1, 2, 3, 4, 5, 6, 7]);
  await session.terminate();
});

eachEra('when the container has ended for good, the subscriber gets the last line and is told', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'job-0', { restartPolicy: 'Never' });
  const session = await Session.open(product, { t });
  const uri = logsUri(ns, 'job-0');
  await session.subscribe(uri);
  await followed(pod);
  pod.log().append('working', 'done');
  await pod.ended();
  const deltas = await session.got('the end', uri, (d) => d.some((delta) => delta.type !== 'line'));
  assert.deepEqual(lines(deltas), ['working', 'done']);
  const last = deltas.at(-1);
  assert.notEqual(last.type, 'line', 'the end comes last');
  assert.match(JSON.stringify(last), /ended|end|terminated|complete|finished/i);
  await until('no log stream', () => streams(ns, 'job-0').length === 0);
  await session.terminate();
});

eachEra('a pod that does not exist is refused at once, or told to its subscriber', async (t, Session) => {
  const ns = await kube.namespace();
  const session = await Session.open(product, { t });
  const uri = logsUri(ns, 'nobody');
  const refused = await session.subscribe(uri).then(() => false, (error) => error);
  if (refused) {
    assert.match(refused.message, /nobody|not found/i);
  } else {
    const deltas = await session.got('an error', uri, (d) => d.some((delta) => delta.type !== 'line'));
    assert.match(JSON.stringify(deltas.at(-1)), /not found/i);
  }
  await session.terminate();
});

eachEra('the container may be left out of the uri when there is only one', async (t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  const session = await Session.open(product, { t });
  const uri = `k0rdent://podlogs/${ns}/web-0`;
  await session.subscribe(uri);
  await followed(pod);
  pod.log().append('hello');
  assert.deepEqual(lines(await session.got('the line', uri, count(1))), ['hello']);
  await session.terminate();
});

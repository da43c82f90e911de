// Subscriptions to a namespace's events: each change exactly once, one watch for all who ask, none when nobody does.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Proxy } from './lib/proxy.mjs';
import { eachEra } from './lib/eras.mjs';
import { Session, brief, eventsUri } from './lib/mcp.mjs';
import { all, by, watchOf } from './lib/audit.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
const proxy = await (await Proxy.to(cluster.url)).open();
const product = await Product.start(undefined, { cluster, url: proxy.url });
after(async () => {
  await product.stop();
  await proxy.close();
  kube.close();
});

const watches = (ns) => cluster.audit.open(all(by(product.user.name), watchOf(ns)));
const oneWatch = (ns) => until('one open watch', () => watches(ns).length === 1);
const noWatch = (ns) => until('no open watch', () => watches(ns).length === 0);
const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);

eachEra('a subscriber sees what was there, then creations, changes and deletions, each exactly once', async (t, Session) => {
  const ns = await kube.namespace();
  for (const name of ['there-1', 'there-2', 'there-3']) await kube.coreEvent(ns, name);
  const session = await Session.open(product, { t });
  const uri = eventsUri(ns);
  await session.subscribe(uri);
  await session.got('what was there', uri, (deltas) => deltas.length >= 3);
  await kube.coreEvent(ns, 'new-1', { message: 'first' });
  await kube.bumpEvent(ns, 'there-2', 5);
  await kube.bumpEvent(ns, 'new-1', 2);
  await kube.deleteEvent(ns, 'there-3');
  await kube.coreEvent(ns, 'last');
  const deltas = await session.got('the last one', uri, mark('last'));
  assert.deepEqual(brief(deltas.slice(0, 3)).sort(), ['ADDED there-1', 'ADDED there-2', 'ADDED there-3']);
  assert.deepEqual(brief(deltas.slice(3)),
    ['ADDED new-1', 'MODIFIED there-2', 'MODIFIED new-1', 'DELETED there-3', 'ADDED last']);
  const [added, changed] = deltas.slice(3);
  assert.equal(added.event.message, 'first');
  assert.equal(added.event.namespace, ns);
  assert.equal(added.event.type, 'Normal');
  assert.deepEqual(added.event.involvedObject, { namespace: ns, name: 'web-0', kind: 'Pod', uid: 'u-1' });
  assert.match(added.event.lastTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(changed.event.count, 5);
  assert.ok(session.updates.every((update) => update.uri === uri), 'only the uri that was subscribed');
  assert.deepEqual(session.errors, []);
  await session.terminate();
});

test('a notification is exactly {uri, _meta: {delta: {action, event}}}', async () => {
  const ns = await kube.namespace();
  const headers = await product.handshake();
  const frames = await readFrames(headers);
  const uri = eventsUri(ns);
  await product.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } }, headers);
  await kube.coreEvent(ns, 'raw');
  await until('a frame', () => frames.list.length > 0);
  const [message] = frames.list;
  assert.equal(message.jsonrpc, '2.0');
  assert.equal(message.method, 'notifications/resources/updated');
  assert.ok(!('id' in message));
  assert.deepEqual(Object.keys(message.params).sort(), ['_meta', 'uri']);
  assert.equal(message.params.uri, uri);
  assert.deepEqual(Object.keys(message.params._meta), ['delta']);
  assert.deepEqual(Object.keys(message.params._meta.delta).sort(), ['action', 'event']);
  assert.equal(message.params._meta.delta.event.name, 'raw');
  await product.ask('DELETE', '/mcp', { headers });
  await frames.ended;
  await noWatch(ns);
});

/** The JSON messages of a session's GET stream, read by hand. */
async function readFrames(headers) {
  const response = await fetch(product.url, { headers: { ...headers, accept: 'text/event-stream' } });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const frames = { list: [] };
  frames.ended = (async () => {
    let text = '';
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim());
        assert.ok(data.length <= 1, 'one data line a frame');
        if (data[0]) frames.list.push(JSON.parse(data[0]));
      }
    }
  })();
  return frames;
}

eachEra('the notification names the uri as it was subscribed, however it was spelt', async (t, Session) => {
  const ns = await kube.namespace();
  const session = await Session.open(product, { t });
  const spelt = [`k0rdent://events/${ns}`, `k0rdent://EVENTS/${ns}`, `k0rdent://events/${ns}/`];
  const taken = [];
  for (const uri of spelt) {
    const ok = await session.subscribe(uri).then(() => true, (error) => {
      assert.ok([-32602, -32002].includes(error.code), `${uri}: ${error.message}`);
      return false;
    });
    if (ok) taken.push(uri);
  }
  assert.ok(taken.includes(spelt[0]));
  await kube.coreEvent(ns, 'seen');
  for (const uri of taken) await session.got(`the event as ${uri}`, uri, mark('seen'));
  assert.equal(session.updates.length, taken.length);
  await oneWatch(ns);
  await session.terminate();
  await noWatch(ns);
});

eachEra('what happens right after the subscription is not lost', async (t, Session) => {
  const session = await Session.open(product, { t });
  const namespaces = await Promise.all(Array.from({ length: 10 }, () => kube.namespace('race')));
  await Promise.all(namespaces.map(async (ns) => {
    await session.subscribe(eventsUri(ns));
    await kube.coreEvent(ns, 'at-once');
  }));
  for (const ns of namespaces) {
    assert.deepEqual(brief(await session.got('the event', eventsUri(ns), mark('at-once'))), ['ADDED at-once']);
  }
  await session.terminate();
});

eachEra('a storm of events arrives whole and in order', async (t, Session) => {
  const ns = await kube.namespace('storm');
  const session = await Session.open(product, { t });
  await session.subscribe(eventsUri(ns));
  for (let i = 0; i < 300; i++) await kube.coreEvent(ns, `e-${i}`);
  const deltas = await session.got('all', eventsUri(ns), (d) => d.length >= 300);
  assert.deepEqual(brief(deltas), Array.from({ length: 300 }, (_, i) => `ADDED e-${i}`));
  await session.terminate();
});

eachEra('two clients on one namespace share one watch and one connection; it lasts until the last of them leaves', async (t, Session) => {
  const ns = await kube.namespace();
  const uri = eventsUri(ns);
  await kube.coreEvent(ns, 'there');
  const first = await Session.open(product, { t });
  await first.subscribe(uri);
  await first.got('what was there', uri, mark('there'));
  await oneWatch(ns);
  const connections = proxy.active;
  const others = await Promise.all(Array.from({ length: 4 }, () => Session.open(product, { t })));
  for (const other of others) await other.subscribe(uri);
  await kube.coreEvent(ns, 'news');
  for (const session of [first, ...others]) {
    const deltas = await session.got('the news', uri, mark('news'));
    assert.deepEqual(brief(deltas), ['ADDED there', 'ADDED news'], 'a later subscriber gets what was there, once');
  }
  await oneWatch(ns);
  assert.equal(cluster.audit.requests(all(by(product.user.name), watchOf(ns))).length, 1, 'and there never was another');
  assert.ok(proxy.active <= connections + 1, `${connections} connections before, ${proxy.active} with five clients`);

  for (const other of others) await other.terminate();
  await kube.coreEvent(ns, 'after');
  await first.got('the next one', uri, mark('after'));
  assert.equal(watches(ns).length, 1, 'the first is still there');
  await first.terminate();
  await noWatch(ns);
});

eachEra('one who subscribes late gets the present state: the latest of each event, none that is gone', async (t, Session) => {
  const ns = await kube.namespace();
  const uri = eventsUri(ns);
  const early = await Session.open(product, { t });
  await early.subscribe(uri);
  await kube.coreEvent(ns, 'counted');
  await early.got('the first', uri, mark('counted')); // a listen is acknowledged before its watch has listed
  await kube.coreEvent(ns, 'gone');
  await kube.bumpEvent(ns, 'counted', 9);
  await kube.deleteEvent(ns, 'gone');
  await early.got('the deletion', uri, (deltas) => deltas.some((d) => d.action === 'DELETED'));
  const late = await Session.open(product, { t });
  await late.subscribe(uri);
  await kube.coreEvent(ns, 'end');
  const deltas = await late.got('the end', uri, mark('end'));
  assert.deepEqual(brief(deltas), ['ADDED counted', 'ADDED end']);
  assert.equal(deltas[0].event.count, 9);
  await early.terminate();
  await late.terminate();
});

eachEra('unsubscribing stops the notifications and the watch, and can be undone', async (t, Session) => {
  const ns = await kube.namespace();
  const uri = eventsUri(ns);
  const session = await Session.open(product, { t });
  await session.subscribe(uri);
  await session.subscribe(uri); // again: no second copy
  await kube.coreEvent(ns, 'one');
  await session.got('one', uri, mark('one'));
  await oneWatch(ns);
  await session.unsubscribe(uri);
  await noWatch(ns);
  await kube.coreEvent(ns, 'unseen');
  await session.subscribe(uri);
  const deltas = await session.got('it again', uri, mark('unseen'));
  assert.deepEqual(brief(deltas.slice(0, 1)), ['ADDED one']);
  assert.deepEqual(brief(deltas.slice(1)).sort(), ['ADDED one', 'ADDED unseen'], 'a new subscription starts anew');
  await session.unsubscribe(uri);
  await session.unsubscribe(uri); // what is not subscribed may be unsubscribed
  await session.terminate();
});

test('a client that goes without a word: its stream ends, and with its session the watch', async () => {
  const ns = await kube.namespace();
  const session = await Session.open(product);
  const { headers } = session;
  await session.subscribe(eventsUri(ns));
  await oneWatch(ns);
  await session.close(); // closes the stream, says nothing
  assert.equal((await product.ask('DELETE', '/mcp', { headers })).status, 204);
  await noWatch(ns);
});

test('what came while no stream was open is delivered when one opens', async () => {
  const ns = await kube.namespace();
  const headers = await product.handshake();
  await product.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: eventsUri(ns) } }, headers);
  await oneWatch(ns);
  await kube.coreEvent(ns, 'early');
  const frames = await readFrames(headers);
  await kube.coreEvent(ns, 'later');
  await until('both', () => frames.list.length === 2);
  assert.deepEqual(frames.list.map((m) => m.params._meta.delta.event.name), ['early', 'later']);
  await product.ask('DELETE', '/mcp', { headers });
  await frames.ended;
});

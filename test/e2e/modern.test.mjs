// What only the client of revision 2026-07-28 can see: discovery, listen streams and their ends, over HTTP and as the parent of
// `k0rdent-mcp stdio`; and both eras beside each other. What is the same for both is in the stories of both (lib/eras.mjs).
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { Product, binary } from './lib/product.mjs';
import { openBoth } from './lib/eras.mjs';
import { brief, contentOf, eventsUri, logsUri } from './lib/mcp.mjs';
import { MODERN, ModernSession } from './lib/modern.mjs';
import { all, by, logOf, watchOf } from './lib/audit.mjs';
import { until } from './lib/wait.mjs';
import { TOOLS } from './lib/tools.mjs';


const cluster = Cluster.shared();
const { kube } = cluster;
let kubelet;
before(async () => (kubelet = await Kubelet.start(cluster)));
after(async () => {
  await kubelet.stop();
  kube.close();
});

const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);
const lines = (deltas) => deltas.filter((delta) => delta.type === 'line').map((delta) => delta.line);

/** A server for one client: {user, session, stop: asks it to end; ended: its end}. */
const WAYS = {
  async 'over HTTP'(t, options) {
    const product = await Product.start(t, { cluster });
    const session = await ModernSession.open(product, { t, ...options });
    return { user: product.user, session, stop: () => product.signal('SIGTERM'), ended: () => product.ended() };
  },
  async 'over stdio'(t, options) {
    const user = cluster.claimUser();
    const transport = new StdioClientTransport({
      command: binary, args: ['stdio', '--kubeconfig', cluster.kubeconfig(user), '--log-format', 'json'], stderr: 'pipe',
    });
    const log = [];
    transport.stderr.setEncoding('utf8').on('data', (part) => log.push(part));
    const product = { tail: () => log.join('').split('\n').slice(-40).join('\n') };
    const session = await ModernSession.open(product, { t, transport, ...options });
    const { pid } = transport;
    const gone = () => { try { return !process.kill(pid, 0); } catch { return true; } };
    return { user, session, stop: () => process.kill(pid, 'SIGTERM'), ended: () => until('its end', gone) };
  },
};

for (const [way, start] of Object.entries(WAYS)) {
  test(`the whole story ${way}: lists, calls, reads, events, logs, and nothing left behind`, async (t) => {
    const ns = await kube.namespace();
    const pod = await kubelet.pod(ns, 'web-0');
    pod.log().append('before');
    await kube.coreEvent(ns, 'there');
    const { user, session, ended } = await start(t);
    const { client } = session;
    assert.equal(session.version, MODERN);
    assert.match(client.getServerVersion().name, /k0rdent-mcp/);
    assert.ok(client.getServerCapabilities().resources.subscribe);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name), TOOLS);
    const { resources } = await client.listResources();
    assert.ok(resources.length > 0 && resources.every((resource) => resource.uri.startsWith('k0rdent://')));
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.ok(resourceTemplates.some((template) => template.uriTemplate.startsWith('k0rdent://events/{namespace}')));

    const { namespaces } = await session.call('k0rdent.mgmt.namespaces.list');
    assert.ok(namespaces.some((each) => each.name === ns));
    assert.deepEqual((await session.call('k0rdent.mgmt.events.list', { namespace: ns })).events.map((event) => event.name), ['there']);
    assert.equal((await session.call('k0rdent.mgmt.podLogs.get', { namespace: ns, pod: 'web-0' })).logs, 'before\n');
    assert.ok(Array.isArray((await session.call('k0rdent.mgmt.graph.snapshot', { namespace: ns })).nodes));
    assert.match(await session.refusal('k0rdent.mgmt.events.list', { namespace: 'Not A Name' }), /namespace/);
    await assert.rejects(client.callTool({ name: 'no.such.tool', arguments: {} }), { code: -32602 });

    const events = eventsUri(ns), logs = logsUri(ns, 'web-0');
    const listening = await session.listen(events, logs);
    await session.got('what was there', events, mark('there'));
    await kube.coreEvent(ns, 'new');
    await kube.bumpEvent(ns, 'there', 2);
    await kube.deleteEvent(ns, 'there');
    const deltas = await session.got('the deletion', events, (d) => d.some((delta) => delta.action === 'DELETED'));
    assert.deepEqual(brief(deltas), ['ADDED there', 'ADDED new', 'MODIFIED there', 'DELETED there']);
    await until('the follower', () => pod.log().followers.size === 1);
    pod.log().append('after 1', 'after 2');
    assert.deepEqual(lines(await session.got('the lines', logs, (d) => lines(d).length >= 3)), ['before', 'after 1', 'after 2']);
    assert.deepEqual(JSON.parse(contentOf(await session.read(events))).events.map((event) => event.name), ['new']);

    const watches = () => cluster.audit.open(all(by(user.name), watchOf(ns)));
    await until('one open watch', () => watches().length === 1);
    await listening.close();
    assert.equal(await listening.closed, 'local');
    await until('no open watch', () => watches().length === 0);
    await until('the kubelet to be left alone', () => pod.log().followers.size === 0);
    assert.deepEqual(session.errors, []);
    await session.close();
    if (way === 'over stdio') await ended(); // with its input
  });

  test(`a server that ends says why to who listens, and that it is over, ${way}`, async (t) => {
    const ns = await kube.namespace();
    const { session, stop, ended } = await start(t);
    const uri = eventsUri(ns);
    const listening = await session.listen(uri);
    await kube.coreEvent(ns, 'last');
    await session.got('it', uri, mark('last'));
    stop();
    assert.equal(await listening.closed, 'graceful');
    await ended();
    const deltas = session.deltas(uri);
    assert.deepEqual(deltas.map((delta) => delta.action), ['ADDED', 'ERROR']);
    assert.match(deltas[1].event.message, /shut/i);
  });

  test(`a client that asks which era it meets finds the modern one, ${way}`, async (t) => {
    const { session } = await start(t, { mode: 'auto' });
    assert.equal(session.version, MODERN);
    assert.equal((await session.client.listTools()).tools.length, TOOLS.length);
  });
}

test('clients of both eras on one namespace share one watch, which stays until the last of them leaves', async (t) => {
  const ns = await kube.namespace();
  const uri = eventsUri(ns);
  const product = await Product.start(t, { cluster });
  const [legacy, modern] = await openBoth(product, { t });
  const watches = () => cluster.audit.open(all(by(product.user.name), watchOf(ns)));
  for (const session of [legacy, modern]) await session.subscribe(uri);
  await kube.coreEvent(ns, 'one');
  for (const session of [legacy, modern]) assert.deepEqual(brief(await session.got('it', uri, mark('one'))), ['ADDED one']);
  await until('the watch', () => watches().length === 1);
  await legacy.terminate();
  await kube.coreEvent(ns, 'two');
  assert.deepEqual(brief(await modern.got('the next', uri, mark('two'))), ['ADDED one', 'ADDED two']);
  assert.equal(cluster.audit.requests(all(by(product.user.name), watchOf(ns))).length, 1, 'and there never was another');
  await modern.close(); // without a word: its connections close
  await until('no open watch', () => watches().length === 0);
});

test('a call that its client gives up is given up at the API server, and no answer comes', async (t) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'stuck');
  pod.log().stalled = true;
  const product = await Product.start(t, { cluster });
  const session = await ModernSession.open(product, { t });
  const patience = new AbortController();
  const asked = session.client.callTool({ name: 'k0rdent.mgmt.podLogs.get', arguments: { namespace: ns, pod: 'stuck' } }, { signal: patience.signal });
  const refused = assert.rejects(asked);
  const open = () => cluster.audit.open(all(by(product.user.name), logOf(ns, 'stuck'))).length;
  await until('the call to reach the API server', () => open() === 1);
  patience.abort('enough');
  await refused;
  await until('nothing to be open there', () => open() === 0);
  await session.call('k0rdent.mgmt.namespaces.list');
});

test('a client that wants to hear of changed lists has a stream for it beside its own; both end with the server', async (t) => {
  const ns = await kube.namespace();
  const product = await Product.start(t, { cluster });
  const onChanged = () => {};
  const session = await ModernSession.open(product, { t, listChanged: { tools: { onChanged }, resources: { onChanged } } });
  const lists = session.client.autoOpenedSubscription;
  assert.deepEqual(lists.honoredFilter, { toolsListChanged: true, resourcesListChanged: true });
  const own = await session.listen(eventsUri(ns));
  await kube.coreEvent(ns, 'one');
  await session.got('it', eventsUri(ns), mark('one'));
  product.signal('SIGTERM');
  assert.deepEqual([await lists.closed, await own.closed], ['graceful', 'graceful']);
  assert.deepEqual(await product.ended(), { code: 0, signal: null });
});

test('what is refused is left out of what is honored, and the rest is told', async (t) => {
  const ns = await kube.namespace();
  const product = await Product.start(t, { cluster });
  const session = await ModernSession.open(product, { t });
  const uri = eventsUri(ns);
  const { honoredFilter, close } = await session.client.listen({
    toolsListChanged: false, resourceSubscriptions: ['k0rdent://events/Not_A_Name', uri, 'k0rdent://nothing/at/all', uri],
  });
  assert.deepEqual(honoredFilter, { resourceSubscriptions: [uri] });
  await kube.coreEvent(ns, 'one');
  assert.deepEqual(brief(await session.got('it', uri, mark('one'))), ['ADDED one'], 'once, though asked for twice');
  await close();
  const nothing = await session.client.listen({ resourceSubscriptions: ['k0rdent://events/Not_A_Name'] });
  assert.deepEqual(nothing.honoredFilter, {});
  assert.equal(await nothing.closed, 'graceful', 'nothing would ever come');
});

test('one client may listen twice, to different things, and each stream ends alone', async (t) => {
  const [first, second] = [await kube.namespace(), await kube.namespace()];
  const product = await Product.start(t, { cluster });
  const session = await ModernSession.open(product, { t });
  const [one, two] = [await session.listen(eventsUri(first)), await session.listen(eventsUri(second))];
  await kube.coreEvent(first, 'a');
  await kube.coreEvent(second, 'b');
  await session.got('its own', eventsUri(first), mark('a'));
  await session.got('its own', eventsUri(second), mark('b'));
  await one.close();
  await until('one watch less', () => cluster.audit.open(all(by(product.user.name), watchOf(first))).length === 0);
  await kube.coreEvent(first, 'unseen');
  await kube.coreEvent(second, 'c');
  assert.deepEqual(brief(await session.got('the next', eventsUri(second), mark('c'))), ['ADDED b', 'ADDED c']);
  assert.deepEqual(brief(session.deltas(eventsUri(first))), ['ADDED a']);
  await two.close();
});

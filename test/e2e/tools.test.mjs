// Each tool with each of its arguments, against objects made here; and what is refused before anything is asked.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { Product } from './lib/product.mjs';
import { ERAS, eachEra } from './lib/eras.mjs';
import { contentOf, eventsUri, logsUri } from './lib/mcp.mjs';
import { all, by } from './lib/audit.mjs';
import { seconds } from './lib/kube.mjs';
import { until } from './lib/wait.mjs';

const NAMESPACES = 'k0rdent.mgmt.namespaces.list';
const EVENTS = 'k0rdent.mgmt.events.list';
const LOGS = 'k0rdent.mgmt.podLogs.get';

const cluster = Cluster.shared();
const { kube } = cluster;
const product = await Product.start(undefined, { cluster });
const sessions = new Map(); // one for each era
let kubelet;
before(async () => {
  for (const Session of Object.values(ERAS)) {
    const session = await Session.open(product);
    await session.client.listTools(); // from here on the client validates every result against its outputSchema
    sessions.set(Session, session);
  }
  kubelet = await Kubelet.start(cluster);
});
after(async () => {
  for (const session of sessions.values()) await session.close();
  await product.stop();
  await kubelet.stop();
  kube.close();
});

const ago = (s) => seconds(new Date(Date.now() - s * 1000));
/** A story of calls: story(the era's session, t, its class). */
const test = (name, story) => eachEra(name, (t, Session) => story(sessions.get(Session), t, Session));
const names = (result) => result.events.map((event) => event.name).sort();

test('namespaces come with labels and phase, sorted by name', async (session) => {
  const ns = await kube.namespace('labelled', { team: 'a', 'k0rdent.mirantis.com/x': 'y' });
  const going = await kube.namespace('going');
  await kube.delete(`/api/v1/namespaces/${going}`); // stays Terminating: nobody finalizes here
  // The other stories' namespaces are more than a first page.
  const { namespaces } = await session.call(NAMESPACES, { limit: 1000, maxBytes: 1048576 });
  assert.deepEqual(namespaces.find((n) => n.name === ns), {
    name: ns,
    labels: { 'k0rdent.mirantis.com/x': 'y', 'kubernetes.io/metadata.name': ns, team: 'a' },
    status: 'Active',
  });
  assert.equal(namespaces.find((n) => n.name === going).status, 'Terminating');
  const order = namespaces.map((n) => n.name);
  assert.deepEqual(order, [...order].sort());
  for (const name of ['kcm-system', 'team-a', 'default']) assert.ok(order.includes(name), name);
});

test('events of a namespace without any are an empty list', async (session) => {
  const ns = await kube.namespace();
  assert.deepEqual(await session.call(EVENTS, { namespace: ns }), { events: [] });
  assert.deepEqual(JSON.parse(contentOf(await session.read(eventsUri(ns)))), { events: [] });
});

test('events that no filter lets through are an empty list', async (session) => {
  const ns = await kube.namespace();
  await kube.coreEvent(ns, 'one');
  assert.deepEqual(await session.call(EVENTS, { namespace: ns, types: ['Warning'] }), { events: [] });
});

test('an event of the older recorders has exactly its fields, in UTC', async (session) => {
  const ns = await kube.namespace();
  const first = ago(3600), last = ago(60);
  await kube.coreEvent(ns, 'web-0.17a', {
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: ns, name: 'web-0', uid: 'u-17', fieldPath: 'spec.containers{app}' },
    reason: 'BackOff', message: 'Back-off <restarting> "app" & more ✓', type: 'Warning',
    count: 7, firstTimestamp: first, lastTimestamp: last,
    reportingComponent: 'kubelet', reportingInstance: 'node-1',
  });
  assert.deepEqual(await session.call(EVENTS, { namespace: ns }), {
    events: [{
      name: 'web-0.17a', namespace: ns, reason: 'BackOff', message: 'Back-off <restarting> "app" & more ✓', type: 'Warning',
      reportingController: 'kubelet', reportingInstance: 'node-1',
      count: 7, firstTimestamp: first, lastTimestamp: last,
      involvedObject: { namespace: ns, name: 'web-0', kind: 'Pod', uid: 'u-17' },
    }],
  });
  const read = await session.read(eventsUri(ns));
  assert.equal(read.contents.length, 1);
  assert.equal(read.contents[0].uri, eventsUri(ns));
  assert.equal(read.contents[0].mimeType, 'application/json');
  assert.deepEqual(JSON.parse(contentOf(read)), await session.call(EVENTS, { namespace: ns }));
});

test('an event of the newer recorders has its series and micro times, in UTC', async (session) => {
  const ns = await kube.namespace();
  await kube.create(`/apis/events.k8s.io/v1/namespaces/${ns}/events`, {
    apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'deploy.1', namespace: ns },
    regarding: { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', namespace: ns, name: 'prod', uid: 'u-2' },
    eventTime: '2026-01-02T03:04:05.123456Z', reportingController: 'k0rdent.mirantis.com/kcm', reportingInstance: 'kcm-0',
    action: 'Reconcile', reason: 'Progressing', note: 'still at it', type: 'Normal',
    series: { count: 3, lastObservedTime: '2026-01-02T03:10:00.654321Z' },
  });
  const { events: [event] } = await session.call(EVENTS, { namespace: ns });
  assert.equal(event.name, 'deploy.1');
  assert.equal(event.message, 'still at it');
  assert.equal(event.reason, 'Progressing');
  assert.equal(event.reportingController, 'k0rdent.mirantis.com/kcm');
  assert.equal(event.reportingInstance, 'kcm-0');
  assert.equal(event.eventTime, '2026-01-02T03:04:05.123456Z');
  assert.deepEqual(event.series, { count: 3, lastObservedTime: '2026-01-02T03:10:00.654321Z' });
  assert.deepEqual(event.involvedObject, { namespace: ns, name: 'prod', kind: 'ClusterDeployment', uid: 'u-2' });
  assert.ok(!('firstTimestamp' in event), 'what was never set is left out');
});

test('types, forKind and forName choose events without regard to case', async (session) => {
  const ns = await kube.namespace();
  const about = (kind, name) => ({ involvedObject: { apiVersion: 'v1', kind, namespace: ns, name, uid: 'u' } });
  await kube.coreEvent(ns, 'a', { ...about('Pod', 'web-0'), type: 'Warning' });
  await kube.coreEvent(ns, 'b', { ...about('Pod', 'web-1'), type: 'Normal' });
  await kube.coreEvent(ns, 'c', { ...about('ClusterDeployment', 'web-0'), type: 'Normal' });
  const choose = async (args) => names(await session.call(EVENTS, { namespace: ns, ...args }));
  assert.deepEqual(await choose({}), ['a', 'b', 'c']);
  assert.deepEqual(await choose({ types: ['WARNING'] }), ['a']);
  assert.deepEqual(await choose({ types: ['warning', 'Normal'] }), ['a', 'b', 'c']);
  assert.deepEqual(await choose({ types: [] }), ['a', 'b', 'c']);
  assert.deepEqual(await choose({ forKind: 'clusterdeployment' }), ['c']);
  assert.deepEqual(await choose({ forName: 'WEB-0' }), ['a', 'c']);
  assert.deepEqual(await choose({ forKind: 'pod', forName: 'web-0', types: ['Warning'] }), ['a']);
  assert.deepEqual(await choose({ forName: 'web' }), [], 'equality, not a part of the name');
});

test('sinceSeconds keeps what was last seen after that', async (session) => {
  const ns = await kube.namespace();
  await kube.coreEvent(ns, 'old', { firstTimestamp: ago(7200), lastTimestamp: ago(7000) });
  await kube.coreEvent(ns, 'again', { firstTimestamp: ago(7200), lastTimestamp: ago(10) });
  await kube.coreEvent(ns, 'new', { firstTimestamp: ago(5), lastTimestamp: ago(5) });
  const since = async (sinceSeconds) => names(await session.call(EVENTS, { namespace: ns, sinceSeconds }));
  assert.deepEqual(await since(600), ['again', 'new']);
  assert.deepEqual(await since(100_000), ['again', 'new', 'old']);
});

test('limit returns the newest, not the first by name', async (session) => {
  const ns = await kube.namespace();
  const order = ['m', 'z', 'a', 'q', 'b', 'y'];
  for (const [i, name] of order.entries()) {
    await kube.coreEvent(ns, name, { firstTimestamp: ago(600 - i * 60), lastTimestamp: ago(600 - i * 60) });
  }
  assert.deepEqual(names(await session.call(EVENTS, { namespace: ns, limit: 2 })), ['b', 'y']);
  assert.deepEqual(names(await session.call(EVENTS, { namespace: ns, limit: 3 })), ['b', 'q', 'y']);
  assert.equal((await session.call(EVENTS, { namespace: ns, limit: 100 })).events.length, 6);
});

test('more than one page of events arrives whole', async (session) => {
  const ns = await kube.namespace('pages');
  const wanted = Array.from({ length: 620 }, (_, i) => `e-${String(i).padStart(3, '0')}`);
  await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
    for (let i = lane; i < wanted.length; i += 8) await kube.coreEvent(ns, wanted[i]);
  }));
  assert.deepEqual(names(await session.call(EVENTS, { namespace: ns, limit: 1000, fields: ['reason'], maxBytes: 262_144 })), wanted);
  const pages = cluster.audit.requests(all(by(product.user.name), (e) => e.verb === 'list' && e.objectRef.namespace === ns));
  assert.equal(pages.length, 2, 'two pages of 500');

  // As an answer fits a model, it is cut, and goes on with the next older one.
  const got = [];
  let more;
  do {
    const page = await session.call(EVENTS, { namespace: ns, ...(more && { continue: more }) });
    assert.equal(page.remaining ?? 0, wanted.length - got.length - page.events.length);
    got.push(...names(page));
    more = page.continue;
  } while (more && got.length < 1000);
  assert.deepEqual(got.sort(), wanted);
});

test('a log comes whole, by its tail, by its age', async (session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  const now = BigInt(Date.now()) * 1_000_000n;
  pod.log().appendAt(now - 3600_000_000_000n, 'an hour ago');
  pod.log().appendAt(now - 2_000_000_000n, 'two seconds ago');
  pod.log().appendAt(now - 1_000_000_000n, 'naïve ✓ "quoted" \\ \t tab');
  const whole = 'an hour ago\ntwo seconds ago\nnaïve ✓ "quoted" \\ \t tab\n';
  const get = (args) => session.call(LOGS, { namespace: ns, pod: 'web-0', ...args });
  const plain = await get({});
  assert.equal(plain.logs, whole);
  assert.equal(plain.following, false);
  assert.ok(!('followUri' in plain));
  assert.equal((await get({ container: 'app' })).logs, whole);
  assert.equal((await get({ tailLines: 1 })).logs, 'naïve ✓ "quoted" \\ \t tab\n');
  assert.equal((await get({ tailLines: 0 })).logs, '');
  assert.equal((await get({ sinceSeconds: 60 })).logs, 'two seconds ago\nnaïve ✓ "quoted" \\ \t tab\n');
  const read = await session.read(logsUri(ns, 'web-0'));
  assert.deepEqual(read.contents, [{ uri: logsUri(ns, 'web-0'), mimeType: 'text/plain', text: whole }]);
});

test('previous gives the instance before, and an error where there was none', async (session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('first life');
  assert.match(await session.refusal(LOGS, { namespace: ns, pod: 'web-0', previous: true }), /previous/);
  await pod.restarted();
  pod.log().append('second life');
  assert.equal((await session.call(LOGS, { namespace: ns, pod: 'web-0', previous: true })).logs, 'first life\n');
  assert.equal((await session.call(LOGS, { namespace: ns, pod: 'web-0' })).logs, 'second life\n');
});

test('an empty log is an empty string', async (session) => {
  const ns = await kube.namespace();
  await (await kubelet.pod(ns, 'quiet')).log();
  assert.equal((await session.call(LOGS, { namespace: ns, pod: 'quiet' })).logs, '');
  assert.equal(contentOf(await session.read(logsUri(ns, 'quiet'))), '');
});

test('one regular container is chosen by itself, of several one must be named', async (session) => {
  const ns = await kube.namespace();
  const single = await kubelet.pod(ns, 'single', { initContainers: ['setup'] });
  single.log().append('from app');
  assert.equal((await session.call(LOGS, { namespace: ns, pod: 'single' })).logs, 'from app\n',
    'init containers do not count');
  const pair = await kubelet.pod(ns, 'pair', { containers: ['app', 'sidecar'] });
  pair.log('sidecar').append('from sidecar');
  const text = await session.refusal(LOGS, { namespace: ns, pod: 'pair' });
  assert.match(text, /container/);
  assert.match(text, /app/);
  assert.match(text, /sidecar/);
  assert.equal((await session.call(LOGS, { namespace: ns, pod: 'pair', container: 'sidecar' })).logs, 'from sidecar\n');
  assert.match(await session.refusal(LOGS, { namespace: ns, pod: 'pair', container: 'nobody' }), /nobody/);
});

test('a pod that is not there is an error that names it', async (session) => {
  const ns = await kube.namespace();
  const text = await session.refusal(LOGS, { namespace: ns, pod: 'gone-0' });
  assert.match(text, /gone-0/);
  assert.match(text, /not found/i);
  await assert.rejects(session.read(logsUri(ns, 'gone-0')), /gone-0|not found/i);
});

test('what the kubelet refuses is told in its words', async (session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'waiting');
  pod.log().refusal = { status: 400, text: 'container "app" in pod "waiting" is waiting to start: ContainerCreating' };
  assert.match(await session.refusal(LOGS, { namespace: ns, pod: 'waiting' }), /waiting to start: ContainerCreating/);
});

test('follow names a resource whose subscription delivers the lines that come', async (session, t, Session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('before');
  const result = await session.call(LOGS, { namespace: ns, pod: 'web-0', follow: true, tailLines: 10 });
  assert.equal(result.logs, 'before\n');
  assert.equal(result.following, true);
  assert.match(result.followUri, new RegExp(`^k0rdent://podlogs/${ns}/web-0`));
  const own = await Session.open(product, { t });
  await own.subscribe(result.followUri);
  await until('the follower', () => pod.log().followers.size === 1);
  pod.log().append('after');
  const deltas = await own.got('the new line', result.followUri, (d) => d.some((delta) => delta.line === 'after'));
  assert.ok(deltas.every((delta) => delta.type === 'line'));
  await own.terminate();
});

test("the templates' variables are completed, each by what was chosen before", async (session) => {
  const ns = await kube.namespace('completed');
  await kubelet.pod(ns, 'web-0', { containers: ['app', 'sidecar'], initContainers: ['setup'] });
  await kubelet.pod(ns, 'other');
  const complete = async (uri, name, value, chosen) => (await session.client.complete({
    ref: { type: 'ref/resource', uri }, argument: { name, value }, context: { arguments: chosen },
  })).completion;
  const logs = 'k0rdent://podlogs/{namespace}/{pod}/{container}';
  assert.ok(session.client.getServerCapabilities().completions);
  assert.deepEqual(await complete('k0rdent://events/{namespace}', 'namespace', ns.slice(0, -1)), { values: [ns], total: 1, hasMore: false });
  assert.deepEqual((await complete(logs, 'pod', 'w', { namespace: ns })).values, ['web-0']);
  assert.deepEqual((await complete(logs, 'pod', '', { namespace: ns })).values, ['other', 'web-0']);
  assert.deepEqual((await complete(logs, 'container', '', { namespace: ns, pod: 'web-0' })).values, ['app', 'sidecar', 'setup']);
  assert.deepEqual((await complete(logs, 'pod', '')).values, []);
  assert.deepEqual((await complete('k0rdent://graph{?namespace,kinds}', 'kinds', 'Secret,ClusterDep')).values, ['Secret,ClusterDeployment']);
  await assert.rejects(complete(logs, 'node', ''), (error) => error.code === -32602 && /namespace, pod, container/.test(error.message));
});

test('a huge log is cut, and the result says so', async (session) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'chatty');
  const line = 'x'.repeat(1023);
  for (let i = 0; i < 24 * 1024; i++) pod.log().append(line);
  const { logs, ...rest } = await session.call(LOGS, { namespace: ns, pod: 'chatty' });
  assert.ok(logs.length > 1000, 'something of it is there');
  assert.ok(logs.length < 20 * 1024 * 1024, `${logs.length} bytes is no cap`);
  assert.match(JSON.stringify(rest) + logs.slice(0, 300) + logs.slice(-300), /truncat|cut/i);
});

// --- what does not fit ---

const BAD = [
  // tool, arguments, what the error must say: the argument, what came, what would be right
  [EVENTS, { namespace: 'Not A Name' }, [/namespace/, /DNS|label/i]],
  [EVENTS, { namespace: 7 }, [/namespace/, /7|number|integer/, /string/]],
  [EVENTS, { namespace: 'default', limit: 'ten' }, [/limit/, /ten|string/, /integer|number/]],
  [EVENTS, { namespace: 'default', limit: 1.5 }, [/limit/, /1\.5/, /integer|whole/]],
  [EVENTS, { namespace: 'default', sinceSeconds: true }, [/sinceSeconds/, /true|boolean/, /integer|number/]],
  [EVENTS, { namespace: 'default', types: 'Warning' }, [/types/, /Warning|string/, /array|list/]],
  [EVENTS, { namespace: 'default', types: [3] }, [/types/, /3|number|integer/, /string/]],
  [EVENTS, { namespace: 'default', forname: 'x' }, [/forname/, /forName/]],
  [NAMESPACES, { all: true }, [/all/]],
  [LOGS, { namespace: 'default' }, [/pod/, /required|missing/i]],
  [LOGS, { namespace: 'default', pod: 'p', follow: 'yes' }, [/follow/, /yes|string/, /boolean|true/]],
  [LOGS, { namespace: 'default', pod: 'p', tailLines: -1 }, [/tailLines/, /-1/, /0|negative|least/]],
  [LOGS, { namespace: 'default', pod: 'p', sinceSeconds: '5m' }, [/sinceSeconds/, /5m|string/, /integer|number/]],
  [EVENTS, { namespace: 'Team_A' }, [/namespace/, /Team_A/, /lower|DNS|label/i]],
  [EVENTS, { namespace: 'a/../b' }, [/namespace/, /a\/\.\.\/b/, /lower|DNS|label/i]],
  [EVENTS, { namespace: 'team-a?limit=1' }, [/namespace/, /lower|DNS|label/i]],
  [EVENTS, { namespace: `${'a'.repeat(64)}` }, [/namespace/, /63|DNS|label/i]],
  [EVENTS, { namespace: '-a' }, [/namespace/, /-a/, /DNS|label|begin|start/i]],
  [LOGS, { namespace: 'default', pod: '../../secrets' }, [/pod/, /lower|DNS|label|name/i]],
  [LOGS, { namespace: 'default', pod: 'p', container: 'App!' }, [/container/, /App!/]],
];
test('arguments that do not fit are refused by name, with what came and what would be right, before anything is asked', async (_, t, Session) => {
  const own = await Product.start(t, { cluster });
  const client = await Session.open(own, { t });
  await client.call(NAMESPACES);
  const mine = all(by(own.user.name), (e) => ['events', 'pods', 'namespaces'].includes(e.objectRef?.resource));
  const before = cluster.audit.requests(mine).length;
  for (const [tool, args, patterns] of BAD) {
    await t.test(`${tool} ${JSON.stringify(args).slice(0, 60)}`, async () => {
      const text = await client.refusal(tool, args);
      for (const pattern of patterns) assert.match(text, pattern);
    });
  }
  for (const uri of ['k0rdent://events/Team_A', 'k0rdent://events/', 'k0rdent://podlogs/default', 'k0rdent://podlogs/default/../x/app',
    'k0rdent://podlogs/default/p/app?tailLines=many']) {
    await t.test(`subscribe ${uri}`, async () => {
      await assert.rejects(client.subscribe(uri), (error) => [-32602, -32002].includes(error.code));
    });
  }
  await t.test('no request reached the API server', () => assert.equal(cluster.audit.requests(mine).length, before));
});

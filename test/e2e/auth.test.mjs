// AUTH_MODE=OIDC_REQUIRED: every caller acts as itself and as nobody else, least of all as us.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { eachEra } from './lib/eras.mjs';
import { Session, brief, eventsUri } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';
import { all, by, watchOf } from './lib/audit.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube, tokens } = cluster;
const EVENTS = 'k0rdent.mgmt.events.list';
const OIDC = { AUTH_MODE: 'OIDC_REQUIRED' };
// Our own credentials are an administrator's certificate: the caller must never ride on it.
const product = await Product.start(undefined, { kubeconfig: cluster.kubeconfig(cluster.adminCertificate), env: OIDC });
let ns, secret;
before(async () => {
  ns = await kube.namespace('alices');
  secret = await kube.namespace('secret');
  await kube.grant(ns, 'alice', READ_EVENTS);
  for (const name of [ns, secret]) await kube.coreEvent(name, 'there');
});
after(async () => {
  await product.stop();
  kube.close();
});

const initialize = {
  jsonrpc: '2.0', id: 0, method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'by hand', version: '1' } },
};
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);

test('without a good bearer token every request is 401 and says what is wanted', async () => {
  const checks = [
    ['POST', await product.post(initialize)],
    ['GET', await product.get('/mcp', { headers: { accept: 'text/event-stream' } })],
    ['DELETE', await product.ask('DELETE', '/mcp')],
    ['another scheme', await product.post(initialize, { authorization: 'Basic YTpi' })],
    ['an unknown token', await product.post(initialize, bearer('no-such-token'))],
  ];
  for (const [what, answer] of checks) {
    assert.equal(answer.status, 401, what);
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/, what);
  }
  assert.equal((await product.get('/healthz')).status, 200, 'health needs no token');
});

eachEra('alice sees what alice may see, and is told what she may not', async (t, Session) => {
  const alice = await Session.open(product, { t, token: tokens.alice });
  assert.deepEqual((await alice.call(EVENTS, { namespace: ns })).events.map((e) => e.name), ['there']);
  for (const refused of [
    await alice.refusal(EVENTS, { namespace: secret }),
    await alice.refusal('k0rdent.mgmt.namespaces.list', {}),
  ]) {
    assert.match(refused, /forbidden/i);
    assert.match(refused, /alice/, 'the API server\'s words, which name her');
  }
  await assert.rejects(alice.read(eventsUri(secret)), /forbidden/i);
  await alice.terminate();
});

eachEra('a caller\'s requests carry the caller\'s token and nothing of ours', async (t, Session) => {
  const own = await kube.namespace('mine');
  await kube.grant(own, 'alice', READ_EVENTS);
  const alice = await Session.open(product, { t, token: tokens.alice });
  await alice.call(EVENTS, { namespace: own });
  await alice.subscribe(eventsUri(own));
  await kube.coreEvent(own, 'seen');
  await alice.got('the event', eventsUri(own), mark('seen'));
  const asked = cluster.audit.requests((e) => e.objectRef?.namespace === own);
  assert.ok(asked.some((e) => e.verb === 'list') && asked.some((e) => e.verb === 'watch'));
  assert.deepEqual([...new Set(asked.map((e) => e.user.username))], ['alice']);
  await alice.terminate();
  const admin = cluster.audit.requests((e) => e.user.username === 'certificate-admin' && e.objectRef?.namespace);
  assert.deepEqual(admin.map((e) => e.requestURI), [], 'the certificate touched no namespace');
});

eachEra('a subscription to what one may not watch is refused, or ends with a reason', async (t, Session) => {
  const bob = await Session.open(product, { t, token: tokens.bob });
  const refused = await bob.subscribe(eventsUri(secret)).then(() => undefined, (error) => error);
  if (refused) {
    assert.match(refused.message, /forbidden/i);
  } else {
    const deltas = await bob.got('a reason', eventsUri(secret), (d) => d.length > 0);
    assert.match(deltas.at(-1).event?.message ?? deltas.at(-1).message, /forbidden/i);
  }
  assert.ok(!mark('there')(bob.deltas(eventsUri(secret))));
  await bob.terminate();
});

test('another identity on a session gets 404 and the session stays its owner\'s', async (t) => {
  const alice = await Session.open(product, { t, token: tokens.alice });
  const stolen = { ...alice.headers, ...bearer(tokens.bob) };
  const get = await product.get('/mcp', { headers: { ...stolen, accept: 'text/event-stream' } });
  assert.equal(get.status, 404);
  assert.equal((await product.post(ping, stolen)).status, 404);
  assert.equal((await product.post({ ...ping, method: 'tools/list' }, stolen)).status, 404);
  assert.equal((await product.ask('DELETE', '/mcp', { headers: stolen })).status, 404);
  const none = { ...alice.headers };
  delete none.authorization;
  assert.equal((await product.post(ping, none)).status, 401);
  await alice.client.ping();
  await alice.terminate();
});

eachEra('a refreshed token of the same identity goes on, and its requests use the new one', async (t, Session) => {
  const alice = await Session.open(product, { t, token: tokens.alice });
  await alice.subscribe(eventsUri(ns));
  const name = `refreshed-${alice.version}`;
  alice.token = tokens.aliceAgain;
  assert.ok((await alice.call(EVENTS, { namespace: ns })).events.length > 0);
  await kube.coreEvent(ns, name);
  await alice.got('the event', eventsUri(ns), mark(name));
  await alice.terminate();
});

test('two tokens of one service account are one identity, though each has its own id', async (t) => {
  const account = '/api/v1/namespaces/' + ns + '/serviceaccounts';
  await kube.create(account, { metadata: { name: 'agent' } });
  const token = async () => (await kube.create(`${account}/agent/token`, {
    apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 },
  })).status.token;
  const [first, second] = [await token(), await token()];
  assert.notEqual(first, second);
  await kube.grant(ns, `system:serviceaccount:${ns}:agent`, READ_EVENTS);
  const agent = await Session.open(product, { t, token: first });
  await agent.call(EVENTS, { namespace: ns });
  agent.token = second;
  await agent.call(EVENTS, { namespace: ns });
  await agent.terminate();
});

eachEra('callers of one identity share a watch, callers of two never do', async (t, Session) => {
  const shared = await kube.namespace('shared');
  for (const user of ['alice', 'bob']) await kube.grant(shared, user, READ_EVENTS);
  const uri = eventsUri(shared);
  const open = async (token) => {
    const session = await Session.open(product, { t, token });
    await session.subscribe(uri);
    return session;
  };
  const sessions = [await open(tokens.alice), await open(tokens.aliceAgain), await open(tokens.bob)];
  await kube.coreEvent(shared, 'news');
  for (const session of sessions) {
    assert.deepEqual(brief(await session.got('the news', uri, mark('news'))), ['ADDED news']);
  }
  const open_ = (user) => cluster.audit.open(all(by(user), watchOf(shared))).length;
  assert.deepEqual([open_('alice'), open_('bob'), open_('certificate-admin')], [1, 1, 0]);
  for (const session of sessions) await session.terminate();
  await until('no watch', () => open_('alice') + open_('bob') === 0);
});

eachEra('who the caller is, is asked once and kept, not asked for every request', async (t, Session) => {
  const carol = cluster.claimUser(); // an identity that nobody else uses
  const session = await Session.open(product, { t, token: carol.token });
  for (let i = 0; i < 5; i++) await session.call(EVENTS, { namespace: ns });
  const reviews = cluster.audit.requests(all(by(carol.name), (e) => e.objectRef?.resource === 'selfsubjectreviews'));
  assert.equal(reviews.length, 1);
  await session.terminate();
});

eachEra('DEV_ALLOW_ANY on loopback acts as the kubeconfig\'s identity, whatever bearer comes', async (t, Session) => {
  const dev = await Product.start(t, { cluster });
  const session = await Session.open(dev, { t, token: tokens.bob });
  assert.ok((await session.call('k0rdent.mgmt.namespaces.list')).namespaces.length > 0);
  assert.ok(cluster.audit.requests(by(dev.user.name)).some((e) => e.objectRef?.resource === 'namespaces'));
  session.token = undefined;
  await session.call('k0rdent.mgmt.namespaces.list');
  await session.terminate();
});

// `k0rdent-mcp stdio`: started by the official client, the whole story on standard input and output, a clean end.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { binary } from './lib/product.mjs';
import { start } from './lib/proc.mjs';
import { brief, eventsUri, logsUri } from './lib/mcp.mjs';
import { all, by, watchOf } from './lib/audit.mjs';
import { found, unreadable } from './lib/memory.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
let kubelet;
before(async () => (kubelet = await Kubelet.start(cluster)));
after(async () => {
  await kubelet.stop();
  kube.close();
});

const args = (user) => ['stdio', '--kubeconfig', cluster.kubeconfig(user), '--log-format', 'json'];

/** The official client with a server of its own; what it was told, and what the server wrote to standard error. */
async function connect(t) {
  const user = cluster.claimUser();
  const transport = new StdioClientTransport({ command: binary, args: args(user), stderr: 'pipe' });
  const story = { user, transport, log: '', updates: [], errors: [] };
  transport.stderr.setEncoding('utf8').on('data', (part) => (story.log += part));
  story.client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} });
  story.client.onerror = (error) => story.errors.push(error);
  story.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    story.updates.push({ uri: params.uri, delta: params._meta?.delta });
  });
  story.deltas = (uri) => story.updates.filter((update) => update.uri === uri).map((update) => update.delta);
  t.after(() => story.client.close());
  await story.client.connect(transport);
  return story;
}

/** The program by hand: lines in, lines out. env: variables besides this process's; more: flags. */
function byHand(t, env = {}, more = []) {
  const user = cluster.claimUser();
  const child = start(binary, [...args(user), ...more], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const hand = { child, out: '', log: '', user };
  child.stdout.setEncoding('utf8').on('data', (part) => (hand.out += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (hand.log += part));
  hand.say = (message) => child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  hand.lines = () => hand.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  hand.answer = (id) => until(() => `the answer to ${id}; got ${hand.out}\n${hand.log}`, () => hand.lines().find((m) => m.id === id));
  t.after(() => child.kill('SIGKILL'));
  return hand;
}
const initialize = {
  jsonrpc: '2.0', id: 0, method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'by hand', version: '1' } },
};

test('namespaces, events and logs reach the client that started the server', async (t) => {
  const ns = await kube.namespace();
  const pod = await kubelet.pod(ns, 'web-0');
  pod.log().append('before');
  const { client, transport, user, deltas, errors } = await connect(t);
  assert.match(client.getServerVersion().name, /k0rdent-mcp/);
  await client.ping();
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === 'k0rdent.mgmt.namespaces.list'));
  const listed = await client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} });
  assert.ok(listed.structuredContent.namespaces.some((each) => each.name === ns));

  const events = eventsUri(ns);
  await kube.coreEvent(ns, 'there');
  await client.subscribeResource({ uri: events });
  await until('what was there', () => deltas(events).length === 1);
  await kube.coreEvent(ns, 'new');
  await until('what is new', () => deltas(events).length === 2);
  assert.deepEqual(brief(deltas(events)), ['ADDED there', 'ADDED new']);

  const logs = logsUri(ns, 'web-0');
  await client.subscribeResource({ uri: logs });
  await until('the follower', () => pod.log().followers.size === 1);
  pod.log().append('after');
  const lines = () => deltas(logs).filter((delta) => delta.type === 'line').map((delta) => delta.line);
  await until('both lines', () => lines().length === 2);
  assert.deepEqual(lines(), ['before', 'after']);

  const watches = () => cluster.audit.open(all(by(user.name), watchOf(ns)));
  await until('one open watch', () => watches().length === 1);
  await client.unsubscribeResource({ uri: events });
  await until('no open watch', () => watches().length === 0);
  assert.deepEqual(errors, []);
  const pid = transport.pid;
  await client.close();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'it ended with its input');
});

test('Rule55: with the variables of OAUTH it asks no issuer and no token, and serves as the kubeconfig\'s user', async (t) => {
  const asked = [];
  const issuer = net.createServer((socket) => asked.push(socket.destroy()));
  await new Promise((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  t.after(() => issuer.close());
  const hand = byHand(t, {
    AUTH_MODE: 'OAUTH', K0RDENT_MCP_PUBLIC_URL: 'https://mcp.example/mcp',
    K0RDENT_MCP_OAUTH_ISSUER: `https://127.0.0.1:${issuer.address().port}`, K0RDENT_MCP_OAUTH_SERVICE_ACCOUNTS: 'on',
  });
  hand.say(initialize);
  hand.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  hand.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'k0rdent.mgmt.namespaces.list', arguments: {} } });
  const { result } = await hand.answer(1);
  assert.ok(result.structuredContent.namespaces.some((each) => each.name === 'default'), JSON.stringify(result));
  const lists = () => cluster.audit.entries((e) => e.stage === 'ResponseComplete' && e.user.username === hand.user.name && e.objectRef?.resource === 'namespaces');
  await until('the audit log to have it', () => lists().length > 0);
  assert.ok(lists().every((e) => !e.impersonatedUser));
  assert.equal(asked.length, 0);
});

test('the end of input is the end: calls are answered, feeds say why, the exit code is 0', async (t) => {
  const ns = await kube.namespace();
  const hand = byHand(t);
  hand.say(initialize);
  hand.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  hand.say({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: eventsUri(ns) } });
  assert.deepEqual((await hand.answer(1)).result, {});
  hand.say({ jsonrpc: '2.0', id: 'last', method: 'tools/call', params: { name: 'k0rdent.mgmt.namespaces.list' } });
  hand.child.stdin.end();
  assert.deepEqual(await hand.child.exited, { code: 0, signal: null });
  const lines = hand.lines();
  assert.ok(lines.find((message) => message.id === 'last').result.structuredContent.namespaces.length > 0);
  assert.equal(lines.filter((message) => message.params?._meta?.delta?.action === 'ERROR').length, 1);
  assert.ok(lines.every((message) => message.jsonrpc === '2.0'), 'nothing but messages');
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends it cleanly, with the input still open`, async (t) => {
    const hand = byHand(t);
    hand.say(initialize);
    await hand.answer(0);
    hand.child.kill(signal);
    assert.deepEqual(await hand.child.exited, { code: 0, signal: null });
    hand.lines();
    assert.match(hand.log, /shutdown: stopped/);
  });
}

test('a broken line is answered, and the next one is served', async (t) => {
  const hand = byHand(t);
  hand.say('{"jsonrpc":');
  hand.say(initialize);
  await hand.answer(0);
  const [broken] = hand.lines();
  assert.equal(broken.error.code, -32700);
  assert.ok(!('id' in broken));
});

// Bug: it stayed in the buffer of what is read, and in that of the message.
test('no data of a Secret that was written stays in memory', { skip: unreadable }, async (t) => {
  const rules = path.join(cluster.dir, 'stdio-secrets.yaml');
  fs.writeFileSync(rules, 'rules: [{effect: allow, verbs: [get, write], kinds: [secrets]}]\n');
  const hand = byHand(t, {}, ['--allow-writes', '--confirm', 'never', '--policy-file', rules]);
  hand.say(initialize);
  await hand.answer(0);
  hand.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const planted = `PLANTED-${'q7Zx9Kw3'.repeat(3)}`, encoded = Buffer.from(planted).toString('base64').slice(0, 24);
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted', namespace: 'default' }, stringData: { password: planted } });
  for (const [id, dryRun] of [[1, true], [2, false]]) {
    hand.say({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'k0rdent.mgmt.objects.apply', arguments: { manifest, dryRun } } });
    const { result } = await hand.answer(id);
    assert.ok(result && !result.isError, hand.out);
  }
  const left = () => found(hand.child.pid, { planted, encoded });
  await until(() => `nothing to be left:\n${left().join('\n')}`, () => left().length === 0, { ms: 20_000, every: 500 });
});

// Connecting: the handshake in each version, what is offered, and who is turned away before MCP begins.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { until } from './lib/wait.mjs';
import { TOOLS } from './lib/tools.mjs';

const cluster = Cluster.shared();
const product = await Product.start(undefined, { cluster });
after(async () => {
  await product.stop();
  cluster.kube.close();
});

const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
const initialize = (protocolVersion) => ({
  jsonrpc: '2.0', id: 0, method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'by hand', version: '1' } },
});
const ping = (id = 7) => ({ jsonrpc: '2.0', id, method: 'ping' });

for (const version of VERSIONS) {
  test(`the official client connects as ${version} and is answered in it`, async (t) => {
    const session = await Session.open(product, { version, t });
    assert.equal(session.transport.protocolVersion, version);
    assert.match(session.client.getServerVersion().name, /k0rdent-mcp/);
    assert.ok(session.client.getServerVersion().version);
    assert.ok(session.client.getServerCapabilities().resources.subscribe);
    assert.ok(session.client.getServerCapabilities().tools);
    assert.match(session.id, /^[\x21-\x7e]{22,}$/, 'at least 128 random bits, visible ASCII');
    await session.client.ping();
    const { tools } = await session.client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);
    await session.call('k0rdent.mgmt.namespaces.list');
    await session.terminate();
  });
}

test('an unknown version is answered with the newest legacy one', async () => {
  const answer = await product.post(initialize('2099-01-01'));
  assert.equal(answer.status, 200);
  assert.equal(answer.json.result.protocolVersion, '2025-11-25');
});

test('session ids are never given twice', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () =>
    (await product.post(initialize('2025-11-25'))).headers['mcp-session-id']));
  assert.equal(new Set(ids).size, 20);
});

test('tools are listed with schemas, descriptions and what plane they belong to', async (t) => {
  const session = await Session.open(product, { t });
  const { tools } = await session.client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), TOOLS, 'sorted by name');
  const [events, graph, namespaces, logs] = ['events.list', 'graph.snapshot', 'namespaces.list', 'podLogs.get']
    .map((name) => tools.find((tool) => tool.name === `k0rdent.mgmt.${name}`));
  for (const tool of tools) {
    assert.ok(tool.description.length > 20, `${tool.name} has a description`);
    assert.equal(tool.inputSchema.type, 'object');
    assert.equal(tool.outputSchema.type, 'object');
  }
  assert.deepEqual(Object.keys(namespaces.inputSchema.properties).sort(),
    ['continue', 'fieldSelector', 'fields', 'format', 'labelSelector', 'limit', 'maxBytes', 'sortBy']);
  assert.deepEqual(Object.keys(events.inputSchema.properties).sort(),
    ['continue', 'fieldSelector', 'fields', 'forKind', 'forName', 'format', 'labelSelector', 'limit', 'maxBytes', 'namespace', 'sinceSeconds', 'sortBy', 'types']);
  assert.deepEqual(events.inputSchema.required ?? [], []);
  assert.deepEqual(Object.keys(logs.inputSchema.properties).sort(),
    ['container', 'follow', 'maxBytes', 'namespace', 'pod', 'previous', 'sinceSeconds', 'tailLines']);
  assert.deepEqual([...logs.inputSchema.required].sort(), ['namespace', 'pod']);
  assert.deepEqual(events._meta, { plane: 'mgmt', category: 'events', action: 'list' });
  assert.deepEqual(Object.keys(graph.inputSchema.properties).sort(),
    ['continue', 'depth', 'direction', 'format', 'kinds', 'maxBytes', 'name', 'namespace']);
  assert.deepEqual(graph._meta, { plane: 'mgmt', category: 'graph', action: 'snapshot' });
  assert.deepEqual(namespaces._meta, { plane: 'mgmt', category: 'namespaces', action: 'list' });
  assert.deepEqual(logs._meta, { plane: 'mgmt', category: 'podLogs', action: 'get' });
});

test('the resources and resource templates are listed', async (t) => {
  const session = await Session.open(product, { t });
  assert.ok((await session.client.listResources()).resources.some((r) => r.uri === 'k0rdent://graph' && r.name === 'k0rdent.mgmt.graph'));
  assert.ok((await session.client.listResources()).resources.some((r) => r.uri === 'k0rdent://watches' && r.name === 'k0rdent.mgmt.watches'));
  const { resourceTemplates } = await session.client.listResourceTemplates();
  assert.deepEqual(resourceTemplates.map(({ name, uriTemplate, mimeType }) => ({ name, uriTemplate, mimeType })), [
    { name: 'k0rdent.cluster.monitor', uriTemplate: 'k0rdent://cluster-monitor/{namespace}/{name}', mimeType: 'application/json' },
    { name: 'k0rdent.mgmt.events', uriTemplate: 'k0rdent://events/{namespace}', mimeType: 'application/json' },
    { name: 'k0rdent.mgmt.graph', uriTemplate: 'k0rdent://graph{?namespace,kinds}', mimeType: 'application/json' },
    { name: 'k0rdent.mgmt.objects', uriTemplate: 'k0rdent://objects/{group}/{version}/{resource}/{namespace}', mimeType: 'application/json' },
    { name: 'k0rdent.mgmt.object', uriTemplate: 'k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}', mimeType: 'application/json' },
    { name: 'k0rdent.mgmt.podLogs', uriTemplate: 'k0rdent://podlogs/{namespace}/{pod}/{container}', mimeType: 'text/plain' },
  ]);
});

test('logging levels are taken, and unknown ones refused', async (t) => {
  const session = await Session.open(product, { t });
  await session.client.setLoggingLevel('warning');
  const answer = await product.post(
    { jsonrpc: '2.0', id: 5, method: 'logging/setLevel', params: { level: 'loud' } }, session.headers);
  assert.equal(answer.json.error.code, -32602);
});

test('an unknown method is -32601, an unknown tool -32602, an unknown resource -32002', async (t) => {
  const session = await Session.open(product, { t });
  const ask = async (method, params) => (await product.post({ jsonrpc: '2.0', id: 'x', method, params }, session.headers));
  const method = await ask('nobody/knows', {});
  assert.equal(method.status, 200);
  assert.equal(method.json.id, 'x');
  assert.equal(method.json.error.code, -32601);
  await assert.rejects(session.client.callTool({ name: 'k0rdent.mgmt.nothing', arguments: {} }),
    (error) => error.code === -32602 && /k0rdent\.mgmt\.nothing/.test(error.message));
  await assert.rejects(session.read('k0rdent://nothing/here'), { code: -32002 });
});

test('a request without a session is 400, with a wrong one 404 and words that say what to do', async () => {
  const missing = await product.post(ping());
  assert.equal(missing.status, 400);
  const wrong = await product.post(ping(), { 'mcp-session-id': 'f'.repeat(32) });
  assert.equal(wrong.status, 404);
  assert.equal(wrong.json.error.code, -32001);
  assert.ok(!('id' in wrong.json));
  assert.match(wrong.json.error.message, /initialize again/);
  const get = await product.get('/mcp', { headers: { accept: 'text/event-stream' } });
  assert.equal(get.status, 400);
  assert.equal((await product.ask('DELETE', '/mcp')).status, 400);
});

test('DELETE ends the session: its stream ends cleanly, and its id is gone', async (t) => {
  const session = await Session.open(product, { t });
  const headers = session.headers;
  assert.equal((await product.post(ping(), headers)).status, 200);
  await until('its stream', () => session.streams.length === 1);
  const gone = await product.ask('DELETE', '/mcp', { headers });
  assert.equal(gone.status, 204);
  await until('the end of its stream', () => session.streams.length === 1 && session.streams[0].ended);
  assert.equal(session.streams[0].ended, 'clean');
  assert.equal((await product.post(ping(), headers)).status, 404);
  assert.equal((await product.ask('DELETE', '/mcp', { headers })).status, 404);
});

test('bad JSON, bad shapes and batches after 2025-03-26 are 400', async () => {
  const headers = await product.handshake();
  const bad = await product.post('{"jsonrpc":', headers);
  assert.equal(bad.status, 400);
  assert.equal(bad.json.error.code, -32700);
  assert.ok(!('id' in bad.json), 'an id that could not be read is left out');
  const shape = await product.post({ jsonrpc: '2.0', id: 1 }, headers);
  assert.equal(shape.status, 400);
  assert.equal(shape.json.error.code, -32600);
  const batch = await product.post([ping(1), ping(2)], headers);
  assert.equal(batch.status, 400);
  assert.equal(batch.json.error.code, -32600);
  const version = await product.post(ping(), { ...headers, 'mcp-protocol-version': '1999-01-01' });
  assert.equal(version.status, 400);
});

test('a batch of 2025-03-26 is answered request by request', async () => {
  const headers = await product.handshake({ accept: 'application/json' }, '2025-03-26');
  const batch = await product.post([ping(1), { jsonrpc: '2.0', method: 'notifications/whatever' }, ping('two')], headers);
  assert.equal(batch.status, 200);
  assert.deepEqual(batch.json.map((answer) => [answer.id, answer.result]).sort(), [[1, {}], ['two', {}]].sort());
});

test('other methods on the endpoint are 405 and say which are allowed, other paths 404', async () => {
  const put = await product.ask('PUT', '/mcp', { body: '{}' });
  assert.equal(put.status, 405);
  assert.match(put.headers.allow, /POST/);
  assert.equal((await product.get('/nowhere')).status, 404);
});

test('a foreign Host or Origin is 403, a local one is let in', async () => {
  const from = (headers) => product.post(initialize('2025-11-25'), headers).then((answer) => answer.status);
  assert.equal(await from({ host: 'evil.example.test' }), 403);
  assert.equal(await from({ host: `evil.example.test:${product.port}` }), 403);
  assert.equal(await from({ origin: 'http://evil.example.test' }), 403);
  assert.equal(await from({ origin: 'http://127.0.0.1.evil.example.test' }), 403);
  assert.equal(await from({ origin: 'null' }), 403);
  assert.equal(await from({ host: `localhost:${product.port}`, origin: 'http://localhost:6274' }), 200);
  assert.equal(await from({ host: `localhost:${product.port}`, origin: 'http://localhost:5173' }), 403);
  assert.equal(await from({ host: `127.0.0.1:${product.port}` }), 200);
});

test('what is too large or of another type is refused by its proper status', async () => {
  const type = await product.ask('POST', '/mcp', { body: '{}', headers: { 'content-type': 'text/plain' } });
  assert.equal(type.status, 415);
  const big = await product.ask('POST', '/mcp', {
    body: 'x', headers: { 'content-type': 'application/json', 'content-length': String(100 * 1024 * 1024) },
  }).catch((error) => ({ status: error.code }));
  assert.equal(big.status, 413);
});

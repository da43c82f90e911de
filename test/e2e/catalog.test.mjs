// The catalog over HTTPS, with the official client: read once, renewed by its entity tag, kept over a restart and while it is gone.
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster, root } from './lib/cluster.mjs';
import { Product, SANDBOX } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';

const TOOL = 'k0rdent.catalog.serviceTemplates.list';
const cluster = Cluster.shared();
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'catalog-'));
test.after(() => cluster.kube.close());

const index = fs.readFileSync(path.join(root, 'test/fixtures/catalog/index.json'), 'utf8');

/** A catalog on loopback, with the API server's certificate; `answer` may be replaced. */
async function openCatalog(t) {
  const catalog = { requests: [], answer: undefined };
  const server = https.createServer({ cert: fs.readFileSync(`${cluster.pki}/server.crt`), key: fs.readFileSync(`${cluster.pki}/server.key`) }, (request, response) => {
    catalog.requests.push({ url: request.url, etag: request.headers['if-none-match'], encoding: request.headers['accept-encoding'] });
    if (catalog.answer) return catalog.answer(request, response);
    if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304, { etag: '"v1"' }).end();
    return response.writeHead(200, { etag: '"v1"', 'content-type': 'application/json' }).end(index);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  catalog.url = `https://127.0.0.1:${server.address().port}/latest/index.json`;
  catalog.close = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  t.after(() => catalog.close());
  return catalog;
}

const start = (t, { url }, args = []) => Product.start(t, {
  cluster, args: [...SANDBOX, '--catalog-url', url, '--catalog-ca-file', cluster.ca, '--catalog-cache-dir', path.join(dir, path.basename(t.name.replaceAll(' ', '-'))), ...args],
});
const list = async (session, args = {}) => {
  const { structuredContent, content, isError } = await session.client.callTool({ name: TOOL, arguments: args });
  return { ...structuredContent, text: content[0].text, isError };
};

test('it is read once and searched', async (t) => {
  const catalog = await openCatalog(t);
  const session = await Session.open(await start(t, catalog), { t });
  const found = await list(session, { query: 'http traffic' });
  assert.deepEqual(found.entries.map((entry) => entry.slug), ['ingress-nginx']);
  assert.deepEqual(found.entries[0].versions.map(({ version }) => version), ['4.15.1', '4.14.3', '4.13.2', '4.11.5', '4.9.1']);
  assert.match(found.text, /^NAME +CHARTS/);
  assert.equal((await list(session)).entries.length, 10);
  const none = await list(session, { app: 'nginx' });
  assert.deepEqual(none.entries, []);
  assert.match(none.notes[0], /ingress-nginx/);
  assert.deepEqual(catalog.requests, [{ url: '/latest/index.json', etag: undefined, encoding: 'identity' }]);
});

test('it is renewed by its tag, and shown while the catalog is gone', async (t) => {
  const catalog = await openCatalog(t);
  const first = await start(t, catalog);
  assert.equal((await list(await Session.open(first, { t }))).entries.length, 10);
  await first.stop();
  // A short life: each start asks the server again.
  const second = await start(t, catalog, ['--catalog-cache-ttl', '1s']);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await list(await Session.open(second, { t }))).notes, undefined);
  assert.deepEqual(catalog.requests.map(({ etag }) => etag), [undefined, '"v1"']);
  await second.stop();
  await catalog.close();
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const third = await start(t, catalog, ['--catalog-cache-ttl', '1s']);
  const stale = await list(await Session.open(third, { t }));
  assert.equal(stale.entries.length, 10);
  assert.match(stale.notes[0], /could not be refreshed: connect 127\.0\.0\.1:\d+: Connection refused/);
});

test('what it may not do is said', async (t) => {
  const catalog = await openCatalog(t);
  const answers = [
    [(request, response) => response.writeHead(302, { location: 'http://127.0.0.1/index.json' }).end(), /a redirect to http:\/\//],
    [(request, response) => response.writeHead(302, { location: catalog.url }).end(), /more than 5 redirects/],
    [(request, response) => response.writeHead(404).end('none'), /HTTP 404 Not Found/],
    [(request, response) => response.writeHead(200).end('<html>'), /no JSON/],
    [(request, response) => response.writeHead(200).end('x'.repeat(2 << 20)), /more than 1048576 bytes/],
  ];
  for (const [answer, words] of answers) {
    catalog.answer = answer;
    const product = await start(t, catalog);
    const { isError, text } = await list(await Session.open(product, { t }));
    assert.equal(isError, true);
    assert.match(text, words);
    await product.stop();
  }
  const strict = await Product.start(t, { cluster, args: ['--catalog-url', catalog.url, '--catalog-cache-dir', 'none'] });
  assert.match((await list(await Session.open(strict, { t }))).text, /signed by an unknown authority/);
});

// The MCP Inspector's command line, over HTTP and as the parent of `k0rdent-mcp stdio`.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import { Cluster, root } from './lib/cluster.mjs';
import { Product, binary } from './lib/product.mjs';
import { run } from './lib/proc.mjs';

const cluster = Cluster.shared();
const product = await Product.start(undefined, { cluster });
after(async () => {
  await product.stop();
  cluster.kube.close();
});

const launcher = path.join(root, 'test/e2e/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const inspect = (...args) => JSON.parse(run(process.execPath, [launcher, '--cli', ...args]));

const ways = {
  'over HTTP': () => [product.url.href, '--transport', 'http'],
  'over stdio': () => [binary, 'stdio', '--kubeconfig', cluster.kubeconfig(cluster.claimUser())],
};
for (const [way, server] of Object.entries(ways)) {
  test(`it lists tools and calls one, ${way}`, () => {
    const { tools } = inspect(...server(), '--method', 'tools/list');
    assert.ok(tools.some((tool) => tool.name === 'k0rdent.mgmt.namespaces.list'));
    const called = inspect(...server(), '--method', 'tools/call', '--tool-name', 'k0rdent.mgmt.namespaces.list');
    assert.ok(called.structuredContent.namespaces.some((each) => each.name === 'default'));
  });

  test(`it lists and reads resources, ${way}`, () => {
    const { resourceTemplates } = inspect(...server(), '--method', 'resources/templates/list');
    assert.ok(resourceTemplates.some((each) => each.uriTemplate.startsWith('k0rdent://events/')));
    const { contents } = inspect(...server(), '--method', 'resources/read', '--uri', 'k0rdent://events/default');
    assert.equal(contents[0].uri, 'k0rdent://events/default');
  });
}

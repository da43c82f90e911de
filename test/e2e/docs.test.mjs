// The documents that are made from, or compared with, what the server offers: the manual of the tools, the README's table, and doc/COMPATIBILITY.md.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster, root } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { TOOLS, WRITES } from './lib/tools.mjs';
import { manPage } from '../../scripts/man-tools.mjs';

const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
const cluster = Cluster.shared();
const product = await Product.start(undefined, { cluster, args: ['--allow-writes'] });
const session = await Session.open(product);
const { tools } = await session.client.listTools();
const { resourceTemplates } = await session.client.listResourceTemplates();
test.after(async () => {
  await session.terminate();
  await product.stop();
  cluster.kube.close();
});

test('every tool of tools/list has its name in the tests, and no other', () => {
  assert.deepEqual(tools.map((tool) => tool.name), [...TOOLS, ...WRITES].sort());
});

// UPDATE_MAN=1 writes it anew.
test('the manual of the tools is made from the registry', () => {
  const file = path.join(root, 'man/k0rdent-mcp-tools.7');
  const page = manPage(tools);
  if (process.env.UPDATE_MAN) fs.writeFileSync(file, page);
  assert.equal(fs.readFileSync(file, 'utf8'), page, 'make it again: UPDATE_MAN=1 test/e2e/run.mjs docs.test.mjs');
});

test('the README names every tool', () => {
  const readme = read('README.md').replace(/\{([^}|]*,[^}]*)\}/g, '$1');
  for (const { name } of tools) {
    const short = name.split('.').slice(-2).join('.'), last = `.${name.split('.').at(-1)}`;
    assert.ok(readme.includes(short) || readme.includes(`\`${last}\``) || readme.includes(last), name);
  }
});

/** The schema of a path such as clusters[].name, as far as the schema describes its members; undefined: there is no such member. */
function find(schema, where) {
  for (const step of where.split('.')) {
    const name = step.replace('[]', '');
    if (!schema.properties) return schema;
    schema = schema.properties[name];
    if (!schema) return undefined;
    if (step.endsWith('[]')) schema = schema.items ?? {};
  }
  return schema;
}

test('the table of compatibility is what the tools are', () => {
  const text = read('doc/COMPATIBILITY.md');
  const rows = text.slice(text.indexOf('## Tools\n'), text.indexOf('## Tools that')).split('\n').filter((line) => /^\| (`k0rdent|\|)/.test(line) || /^\| {2}\|/.test(line) || /^\| \|/.test(line));
  let tool;
  let fields = 0;
  const seen = new Set();
  for (const row of rows) {
    const [name, list, verdict, how] = row.split('|').slice(1, -1).map((cell) => cell.trim());
    if (name) tool = tools.find((each) => each.name === name.replaceAll('`', ''));
    assert.ok(tool, `${name || 'a tool'} is offered`);
    seen.add(tool.name);
    assert.match(verdict, /^(same|corrected|left out)$/, row);
    assert.ok(verdict === 'same' || how, `${row}: how, or why`);
    for (const field of list.split(',').map((each) => each.trim().replaceAll('`', ''))) {
      const [side, ...rest] = field.split('.');
      assert.match(side, /^(in|out)$/, field);
      if (field.endsWith('.*')) continue;
      const schema = side === 'in' ? tool.inputSchema : tool.outputSchema;
      const found = find(schema, rest.join('.'));
      assert.equal(found !== undefined, verdict !== 'left out', `${tool.name} ${field} is ${verdict}`);
      ++fields;
    }
  }
  assert.ok(fields > 100, `${fields} fields`);
  // The prototype's tools, all of them: here, or named as not there yet.
  const missing = text.slice(text.indexOf('## Tools that'), text.indexOf('## Resources'));
  for (const name of PROTOTYPE) {
    if (tools.some((each) => each.name === name)) assert.ok(seen.has(name), `${name} has rows`);
    else assert.ok(missing.includes(`\`${name}\``), `${name} is named as missing`);
  }
  const resources = text.slice(text.indexOf('## Resources'));
  for (const { uriTemplate } of resourceTemplates) {
    const plain = uriTemplate.replace(/\{\?.*\}/, '');
    if (!/watches|objects/.test(plain)) assert.ok(resources.includes(`\`${plain}\``), plain);
  }
});

const PROTOTYPE = [
  'k0rdent.catalog.serviceTemplates.list',
  ...['delete', 'getState', 'list', 'listAll', 'services.apply', 'services.remove'].map((name) => `k0rdent.mgmt.clusterDeployments.${name}`),
  ...['clusterTemplates.list', 'events.list', 'multiClusterServices.list', 'namespaces.list', 'podLogs.get', 'providers.list', 'providers.listCredentials',
    'providers.listIdentities', 'serviceTemplates.delete', 'serviceTemplates.install_from_catalog', 'serviceTemplates.list', 'graph.snapshot'].map((name) => `k0rdent.mgmt.${name}`),
  ...['aws', 'azure', 'gcp'].flatMap((provider) => ['deploy', 'detail'].map((name) => `k0rdent.provider.${provider}.clusterDeployments.${name}`)),
];

// Each tool on a real API server: a user who lacks just one right, a caller that gives up in the middle, and more than fits.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product, SANDBOX } from './lib/product.mjs';
import { Session, contentOf } from './lib/mcp.mjs';
import { TOOLS } from './lib/tools.mjs';
import { until } from './lib/wait.mjs';

const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'each-tool-')));
after(() => cluster.stop());
const { kube } = cluster;
await loadCrds(kube, OWN_CRDS);
await loadObjects(kube, readFolder(FIXTURES));
const NS = 'kcm-system', K0RDENT = 'k0rdent.mirantis.com';
await kube.create(`/api/v1/namespaces/${NS}/pods`, { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', image: 'i' }] } });
await kube.coreEvent(NS, 'first');
await kube.create(`/api/v1/namespaces/${NS}/configmaps`, { metadata: { name: 'settings' }, data: { a: 'b' } });

const named = (name) => ({ namespace: NS, name });
// tool: [arguments, what its user lacks, as RESOURCE or RESOURCE.GROUP]
const k0rdent = (resource) => `${resource}.${K0RDENT}`;
const CASES = {
  'k0rdent.mgmt.clusterDeployments.detail': [named('aws-prod'), k0rdent('clusterdeployments')],
  'k0rdent.mgmt.clusterDeployments.get': [named('aws-prod'), k0rdent('credentials')],
  'k0rdent.mgmt.clusterDeployments.getState': [named('aws-prod'), k0rdent('clusterdeployments')],
  'k0rdent.mgmt.clusterDeployments.list': [{}, k0rdent('clusterdeployments')],
  'k0rdent.mgmt.clusterDeployments.listAll': [{}, k0rdent('clusterdeployments')],
  'k0rdent.mgmt.clusterTemplates.describe': [named('aws-standalone-cp-1-0-43'), k0rdent('clustertemplates')],
  'k0rdent.mgmt.clusterTemplates.list': [{}, k0rdent('clustertemplates')],
  'k0rdent.mgmt.credentials.describe': [named('aws-cred'), k0rdent('credentials')],
  'k0rdent.mgmt.events.list': [{ namespace: NS }, 'events'],
  'k0rdent.mgmt.graph.snapshot': [{ namespace: NS }, k0rdent('credentials')],
  'k0rdent.mgmt.management.health': [{}, k0rdent('managements')],
  'k0rdent.mgmt.multiClusterServices.describe': [{ name: 'platform-baseline' }, k0rdent('multiclusterservices')],
  'k0rdent.mgmt.multiClusterServices.list': [{}, k0rdent('multiclusterservices')],
  'k0rdent.mgmt.namespaces.list': [{}, 'namespaces'],
  'k0rdent.mgmt.objects.get': [{ kind: 'configmaps', namespace: NS, name: 'settings' }, 'configmaps'],
  'k0rdent.mgmt.objects.list': [{ kind: 'configmaps' }, 'configmaps'],
  'k0rdent.mgmt.objects.wait_for': [{ kind: 'configmaps', namespace: NS, name: 'settings', for: 'create', timeout: '1s' }, 'configmaps'],
  'k0rdent.mgmt.podLogs.get': [{ namespace: NS, pod: 'web', container: 'app' }, 'pods/log'],
  'k0rdent.mgmt.providers.list': [{}, k0rdent('clustertemplates')],
  'k0rdent.mgmt.providers.listCredentials': [{}, k0rdent('credentials')],
  'k0rdent.mgmt.providers.listIdentities': [{}, k0rdent('credentials')],
  'k0rdent.mgmt.serviceTemplates.describe': [named('ingress-nginx-4-14-3'), k0rdent('servicetemplates')],
  'k0rdent.mgmt.serviceTemplates.list': [{}, k0rdent('servicetemplates')],
  'k0rdent.pods.inspect': [named('web'), 'pods'],
  'k0rdent.pods.list': [{}, 'pods'],
  'k0rdent.provider.aws.clusterDeployments.detail': [named('aws-prod'), k0rdent('clusterdeployments')],
  'k0rdent.provider.azure.clusterDeployments.detail': [{ namespace: 'team-a', name: 'azure-lost' }, k0rdent('clusterdeployments')],
  'k0rdent.provider.gcp.clusterDeployments.detail': [named('aws-prod'), k0rdent('clusterdeployments')],
};
// What is served may be asked by all, and the catalog is not the cluster's; the log needs a kubelet.
const ALWAYS_ALLOWED = ['k0rdent.mgmt.objects.kinds', 'k0rdent.catalog.serviceTemplates.list'], NO_SUCCESS = ['k0rdent.mgmt.podLogs.get', 'k0rdent.provider.gcp.clusterDeployments.detail'];

const RESOURCES = [...new Set(Object.values(CASES).map(([, lacks]) => lacks)), 'secrets', ...['servicesets', 'servicetemplatechains',
  'clustertemplatechains', 'stateManagementproviders'.toLowerCase()].map(k0rdent)];
const split = (resource) => { const dot = resource.indexOf('.'); return dot < 0 ? [resource, ['', 'events.k8s.io']] : [resource.slice(0, dot), [resource.slice(dot + 1)]]; };

/** The token of a service account that may read all of RESOURCES but one. */
async function userWithout(lacks) {
  const name = `without-${(lacks ?? 'nothing').replace(/[^a-z]/g, '-').slice(0, 40)}`;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts`, { metadata: { name } });
  const rules = RESOURCES.filter((each) => each !== lacks).map((each) => ({ apiGroups: split(each)[1], resources: [split(each)[0]], verbs: ['get', 'list', 'watch'] }));
  await kube.create(`${rbac}/clusterroles`, { metadata: { name }, rules });
  await kube.create(`${rbac}/clusterrolebindings`, {
    metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: NS }],
  });
  const { status } = await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts/${name}/token`, { spec: { expirationSeconds: 3600 } });
  const mine = cluster.as(status.token);
  const [allowed] = RESOURCES.filter((each) => each !== lacks && !each.includes('/')).map(split);
  const prefix = allowed[1][0] ? `/apis/${allowed[1][0]}/v1beta1` : '/api/v1';
  await until('the rights to be known', async () => (await mine.ask('GET', `${prefix}/${allowed[0]}`)).status === 200);
  mine.close();
  return status.token;
}

/** What a tool said, all of it: the error, or the answer with its notes. */
async function said(session, tool, args) {
  const result = await session.client.callTool({ name: tool, arguments: args });
  return { isError: result.isError === true, text: result.content.map((c) => c.text).join('\n') + JSON.stringify(result.structuredContent ?? {}) };
}

test('the table has every tool', () => {
  assert.deepEqual([...Object.keys(CASES), ...ALWAYS_ALLOWED].sort(), [...TOOLS].sort());
});

test('a user who lacks one right is told which, by each tool; one who lacks none is answered', async (t) => {
  const product = await Product.start(t, { cluster, args: SANDBOX, env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const sessions = new Map();
  const sessionOf = async (lacks) => {
    if (!sessions.has(lacks)) sessions.set(lacks, await Session.open(product, { t, token: await userWithout(lacks) }));
    return sessions.get(lacks);
  };
  for (const [tool, [args, lacks]] of Object.entries(CASES)) {
    const { text } = await said(await sessionOf(lacks), tool, args);
    assert.match(text, /forbidden|may not/i, `${tool}: ${text.slice(0, 500)}`);
    assert.match(text, new RegExp(split(lacks)[0].replace(/s$/, ''), 'i'), `${tool} names ${lacks}`);
    if (NO_SUCCESS.includes(tool)) continue;
    const all = await said(await sessionOf(undefined), tool, args);
    assert.ok(!all.isError, `${tool}: ${all.text.slice(0, 500)}`);
  }
  // The same of an object as a resource.
  const uri = `k0rdent://objects/core/v1/configmaps/${NS}/settings`, secret = `k0rdent://objects/core/v1/secrets/${NS}/none`;
  const lacking = await sessionOf('configmaps'), all = await sessionOf(undefined);
  await assert.rejects(lacking.read(uri), /resources: \[configmaps\], verbs: \[get\]/);
  await assert.rejects(lacking.subscribe(uri), /resources: \[configmaps\], verbs: \[list, watch\]/);
  assert.deepEqual(JSON.parse(contentOf(await all.read(uri))).data, { a: 'b' });
  await all.subscribe(uri);
  await all.got('the object', uri, (deltas) => deltas[0]?.action === 'ADDED' && deltas[0].object.data.a === 'b');
  await assert.rejects(all.subscribe(secret), /Secrets are read only if a rule names them/);
  for (const session of sessions.values()) await session.terminate();
});

const calls = async (product) => Number(/^k0rdent_mcp_calls (\d+)/m.exec((await product.get('/metrics')).text)[1]);

test('a call that is cancelled in the middle ends at once, whatever it waits for', async (t) => {
  const product = await Product.start(t, { cluster, args: SANDBOX });
  const session = await Session.open(product, { t });
  cluster.freeze();
  try {
    const waits = Object.entries(CASES).map(([name, [args]]) => {
      const patience = new AbortController();
      const ended = session.client.callTool({ name, arguments: args }, undefined, { signal: patience.signal }).then(() => 'answered', () => 'given up');
      return { patience, ended };
    });
    await until('all calls to be under way', async () => (await calls(product)) === Object.keys(CASES).length);
    for (const { patience } of waits) patience.abort('enough');
    assert.deepEqual([...new Set(await Promise.all(waits.map(({ ended }) => ended)))], ['given up']);
    await until('none to be left', async () => (await calls(product)) === 0, { ms: 5000 });
  } finally {
    cluster.thaw();
  }
  await until('the API server to be back', async () => (await product.get('/readyz')).status === 200);
  assert.equal((await said(session, 'k0rdent.mgmt.namespaces.list', {})).isError, false);
});

test('what is larger than an answer is cut, gone on with to its end, and nothing is lost', async (t) => {
  const count = 120, ns = await kube.namespace('huge'), names = Array.from({ length: count }, (_, i) => `big-${String(i).padStart(3, '0')}`);
  const text = 'x'.repeat(4000);
  for (const name of names) {
    await kube.create(`/apis/${K0RDENT}/v1beta1/namespaces/${ns}/clusterdeployments`, {
      apiVersion: `${K0RDENT}/v1beta1`, kind: 'ClusterDeployment', metadata: { name, annotations: { text } }, spec: { template: 't', credential: 'c', dryRun: true },
    });
    await kube.coreEvent(ns, name, { message: text.slice(0, 900) });
  }
  const product = await Product.start(t, { cluster, args: SANDBOX });
  const session = await Session.open(product, { t });
  for (const [tool, key, args] of [
    ['k0rdent.mgmt.clusterDeployments.list', 'clusters', {}], ['k0rdent.mgmt.events.list', 'events', {}],
    ['k0rdent.mgmt.objects.list', 'objects', { kind: 'clusterdeployments', fields: ['metadata.annotations.text'] }],
  ]) {
    const got = [];
    let more;
    for (let pages = 0; pages < 200; ++pages) {
      const { structuredContent: page, content } = await session.show(tool, { namespace: ns, maxBytes: 32_768, ...args, ...(more && { continue: more }) });
      const rows = page[key] ?? Object.values(page).find(Array.isArray);
      assert.ok(JSON.stringify(page).length + content[0].text.length <= 33_500, `${tool} fits`);
      got.push(...rows.map((row) => row.name));
      more = page.continue;
      if (!more) break;
    }
    assert.deepEqual(got.sort(), names, tool);
  }
  // Without limits of its own a read is cut, too.
  const list = JSON.parse(contentOf(await session.read(`k0rdent://objects/${K0RDENT}/v1beta1/clusterdeployments/${ns}?fields=metadata.annotations.text,spec`)));
  assert.equal(list.objects.length + (list.remaining ?? 0), count);
  const uri = `k0rdent://objects/${K0RDENT}/v1beta1/clusterdeployments/${ns}`;
  await session.subscribe(uri);
  assert.equal((await session.got('all of them', uri, (deltas) => deltas.length === count)).length, count);
  await kube.merge(`/apis/${K0RDENT}/v1beta1/namespaces/${ns}/clusterdeployments/big-007`, { metadata: { labels: { seen: 'yes' } } });
  const last = (await session.got('the change', uri, (deltas) => deltas.length > count)).at(-1);
  assert.deepEqual([last.action, last.object.name, last.object.labels], ['MODIFIED', 'big-007', { seen: 'yes' }]);
  await session.terminate();
});

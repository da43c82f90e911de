// The tools that write, on the sample objects in a real API server: a journey with a stand-in for k0rdent's controller,
// an agent that ignores every warning, other writers, admission, RBAC, and the audit log.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, REAL_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product, SANDBOX, invoke } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { until } from './lib/wait.mjs';

const real = fs.existsSync(REAL_CRDS);
const definitions = real ? [REAL_CRDS, path.join(REAL_CRDS, 'external')] : [OWN_CRDS];
const folders = real ? [FIXTURES, path.join(FIXTURES, 'external')] : [FIXTURES];
const CD = '/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments';
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'acting-'));
const cluster = await Cluster.start(dir);
test.after(() => cluster.stop());
const { kube } = cluster;
await loadCrds(kube, ...definitions);
await loadObjects(kube, folders.flatMap(readFolder));
const config = { region: 'eu-central-1', controlPlane: { instanceType: 'm5.large' }, worker: { instanceType: 'm5.large' } };

/** Calls a tool: {status, text, error, …structured}. */
const caller = (session) => async (name, args) => {
  const answer = await session.client.callTool({ name: `k0rdent.mgmt.${name}`, arguments: args });
  return { text: answer.content[0].text, error: answer.isError === true, ...answer.structuredContent };
};
/** Calls it, and again with the token of the answer. */
const confirmed = (ask) => async (name, args) => {
  const first = await ask(name, args);
  assert.equal(first.status, 'confirmation_required', first.text);
  return ask(name, { ...args, confirm: first.confirm });
};
/** A Cluster of Cluster API by that name, as that of aws-prod is: ready. */
async function makeCluster(name) {
  const clusters = '/apis/cluster.x-k8s.io/v1beta2/namespaces/kcm-system/clusters';
  const { apiVersion, kind, metadata, spec, status } = await kube.get(`${clusters}/aws-prod`);
  const labels = JSON.parse(JSON.stringify(metadata.labels ?? {}).replaceAll('aws-prod', name));
  await kube.create(clusters, { apiVersion, kind, metadata: { name, namespace: 'kcm-system', labels }, spec });
  await kube.merge(`${clusters}/${name}/status`, { status });
}
const condition = (type, status, reason) => ({ type, status, reason, message: '', lastTransitionTime: new Date().toISOString() });

test('a journey: deploy, progress, ready, add a service, change values, upgrade, remove, delete', async (t) => {
  const audit = path.join(dir, 'audit.jsonl');
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes', '--audit-file', audit, '--cluster-name', 'edge'] });
  const session = await Session.open(product, { t });
  const ask = caller(session), sure = confirmed(ask);
  const live = () => kube.get(`${CD}/journey`);

  const wish = { name: 'journey', template: 'aws-standalone-cp-1-0-43', credential: 'aws-cred', config };
  const first = await ask('clusterDeployments.deploy', wish);
  assert.match(first.text, /^cluster edge: nothing was written, confirmation needed/);
  await assert.rejects(live(), /404/);
  const waiting = ask('clusterDeployments.deploy', { ...wish, wait: true, waitTimeout: '50s', confirm: first.confirm });
  const made = await until('the deployment', async () => live().catch(() => false));
  assert.deepEqual(made.spec.config, config);
  assert.ok(made.metadata.managedFields.some(({ manager }) => manager === 'mcp.clusters'));
  const status = (...conditions) => kube.merge(`${CD}/journey/status`, { status: { observedGeneration: made.metadata.generation, conditions } });
  await status(condition('CredentialReady', 'True', 'Succeeded'), condition('HelmReleaseReady', 'Unknown', 'Progressing'), condition('Ready', 'Unknown', 'Progressing'));
  // A lone clone has no definition of Cluster: KCM would not have seen one.
  const hasClusters = (await kube.ask('GET', '/apis/cluster.x-k8s.io/v1beta2')).status === 200;
  if (hasClusters) await makeCluster('journey');
  await status(condition('CredentialReady', 'True', 'Succeeded'), condition('HelmReleaseReady', 'True', 'InstallSucceeded'),
    ...(hasClusters ? [condition('CAPIClusterSummary', 'True', 'InfoReported')] : []), condition('Ready', 'True', 'Succeeded'));
  const ready = await waiting;
  assert.equal(ready.status, 'created', ready.text);
  assert.match(ready.waited, /^ready/, ready.text);

  const again = await ask('clusterDeployments.deploy', wish);
  assert.equal(again.status, 'unchanged', again.text);
  assert.match(again.text, /is there already, as it is asked for/);

  const service = { clusterNamespace: 'kcm-system', clusterName: 'journey', templateName: 'ingress-nginx-4-14-3', serviceName: 'web' };
  const added = await ask('clusterDeployments.services.apply', { ...service, values: { replicas: 1 } });
  assert.equal(added.status, 'updated', added.text);
  const changed = await ask('clusterDeployments.services.apply', { ...service, values: { replicas: 2 } });
  assert.equal(changed.status, 'updated', changed.text);
  assert.match(changed.text, /~ \.spec\.serviceSpec\.services\[name=web,namespace=kcm-system\]\.values/);
  assert.equal((await ask('clusterDeployments.services.apply', { ...service, values: { replicas: 2 } })).status, 'unchanged');

  const update = await sure('clusterDeployments.update', { name: 'journey', config: { workersNumber: 5 } });
  assert.equal(update.status, 'updated', update.text);
  assert.equal((await live()).spec.config.workersNumber, 5);
  const wrong = await ask('clusterDeployments.update', { name: 'journey', config: { workersNumbr: 5 } });
  assert.ok(wrong.error);
  assert.match(wrong.text, /config\.workersNumbr is not known to this template; did you mean workersNumber\?/);

  await kube.create('/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clustertemplates', {
    apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterTemplate', metadata: { name: 'aws-standalone-cp-1-0-44' },
    spec: { helm: { chartSpec: { chart: 'aws-standalone-cp', version: '1.0.44', interval: '10m', sourceRef: { kind: 'HelmRepository', name: 'x' } } } },
  });
  await kube.merge('/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clustertemplates/aws-standalone-cp-1-0-44/status', { status: { valid: true } });
  const none = await ask('clusterDeployments.upgrade', { name: 'journey', template: 'aws-standalone-cp-1-0-44' });
  assert.match(none.text, /no chain of this namespace allows any upgrade/);
  await kube.merge(`${CD}/journey/status`, { status: { availableUpgrades: ['aws-standalone-cp-1-0-44'] } });
  const upgraded = await sure('clusterDeployments.upgrade', { name: 'journey', template: 'aws-standalone-cp-1-0-44' });
  assert.equal(upgraded.status, 'updated', upgraded.text);
  assert.equal((await live()).spec.template, 'aws-standalone-cp-1-0-44');

  const removed = await sure('clusterDeployments.services.remove', { clusterNamespace: 'kcm-system', clusterName: 'journey', serviceName: 'web' });
  assert.equal(removed.status, 'updated', removed.text);
  assert.equal((await live()).spec.serviceSpec.services?.length ?? 0, 0);

  const shown = await ask('clusterDeployments.delete', { name: 'journey' });
  const going = ask('clusterDeployments.delete', { name: 'journey', confirm: shown.confirm, wait: true, deletionTimeout: '50s' });
  // There is no garbage collector here, which would finish a foreground deletion.
  await until('the deletion', async () => (await live()).metadata.deletionTimestamp);
  await kube.merge(`${CD}/journey`, { metadata: { finalizers: null } });
  const gone = await going;
  assert.match(gone.status, /^delet/, gone.text);
  assert.match(gone.waited, /^gone/, gone.text);
  await assert.rejects(live(), /404/);
  assert.equal((await ask('clusterDeployments.delete', { name: 'journey' })).status, 'not_found');

  const lines = fs.readFileSync(audit, 'utf8').trim().split('\n').map(JSON.parse);
  assert.ok(lines.some(({ stage, verb, name, tool }) => stage === 'request' && verb === 'delete' && name === 'journey' && tool === 'k0rdent.mgmt.clusterDeployments.delete'));
  assert.ok(lines.filter(({ stage }) => stage === 'result').every(({ result }) => /^(created|changed|accepted|deleted)$/.test(result)));
  const verified = await invoke(['audit', 'verify', audit]);
  assert.equal(verified.code, 0, verified.stderr);
});

test('an agent that ignores every warning destroys nothing', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const session = await Session.open(product, { t });
  const ask = caller(session);
  const before = await kube.get(`${CD}/aws-prod`);
  for (const [tool, args] of [
    ['clusterDeployments.delete', { name: 'aws-prod' }],
    ['objects.delete', { kind: 'clusterdeployments', namespace: 'kcm-system', name: 'aws-prod' }],
    ['objects.delete', { kind: 'namespace', name: 'kcm-system' }],
    ['objects.delete', { kind: 'crd', name: 'clusterdeployments.k0rdent.mirantis.com' }],
    ['objects.patch', { kind: 'clusterdeployments', namespace: 'kcm-system', name: 'aws-prod', patch: { spec: { serviceSpec: null } } }],
    ['clusterDeployments.services.remove', { clusterNamespace: 'kcm-system', clusterName: 'aws-prod', serviceName: 'ingress-nginx' }],
    ['multiClusterServices.delete', { name: 'podinfo-rollout' }],
  ]) {
    for (const confirm of [undefined, 'yes', 'true', 'I am sure']) {
      const { status, text } = await ask(tool, { ...args, ...(confirm && { confirm }) });
      assert.equal(status, 'confirmation_required', `${tool}: ${text}`);
    }
  }
  assert.equal((await kube.get(`${CD}/aws-prod`)).metadata.resourceVersion, before.metadata.resourceVersion);
});

test('a user is asked where the client can', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const ns = await kube.namespace('asked');
  await kube.create(`/api/v1/namespaces/${ns}/configmaps`, { metadata: { name: 'm' }, data: { a: '1' } });
  const client = new Client({ name: 'asks', version: '1' }, { capabilities: { elicitation: {} } });
  const questions = [];
  let answer = { action: 'decline' };
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    questions.push(params.message);
    return answer;
  });
  await client.connect(new StreamableHTTPClientTransport(product.url));
  t.after(() => client.close());
  const ask = () => client.callTool({ name: 'k0rdent.mgmt.objects.delete', arguments: { kind: 'configmap', namespace: ns, name: 'm' } });
  assert.equal((await ask()).structuredContent.status, 'declined');
  assert.match(questions[0], new RegExp(`delete configmaps ${ns}/m\\?`));
  answer = { action: 'accept', content: { confirm: true } };
  assert.equal((await ask()).structuredContent.status, 'deleted');
});

test('fields of another manager are not taken unless forced', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const session = await Session.open(product, { t });
  const ask = caller(session);
  const ns = await kube.namespace('conflict');
  const url = `/api/v1/namespaces/${ns}/configmaps/m`;
  const theirs = await kube.ask('PATCH', `${url}?fieldManager=flux`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } }, 'application/apply-patch+yaml');
  assert.equal(theirs.status, 201);
  for (const [tool, args] of [
    ['objects.apply', { manifest: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  namespace: ${ns}\ndata:\n  a: "2"\n` }],
    ['objects.patch', { kind: 'configmap', namespace: ns, name: 'm', patch: { data: { a: '2' } } }],
  ]) {
    const refused = await ask(tool, args);
    assert.ok(refused.error, refused.text);
    assert.match(refused.text, /\.data\.a \(owner: flux\)/);
    assert.match(refused.text, /Ways on: .*force: true/);
    assert.doesNotMatch(refused.text, /recreate|delete/);
  }
  assert.equal((await kube.get(url)).data.a, '1');
  const forced = await confirmed(ask)('objects.apply', { force: true, manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: ns }, data: { a: '2' } } });
  assert.equal(forced.status, 'updated', forced.text);
  assert.equal((await kube.get(url)).data.a, '2');
});

const definition = (plural, kind) => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.example.test` },
  spec: {
    group: 'example.test', scope: 'Namespaced', names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } } } }],
  },
});

test('a namespace, a definition and an object of it are made in one call', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const ask = caller(await Session.open(product, { t }));
  const things = (plural, kind, size) => [
    { apiVersion: 'example.test/v1', kind, metadata: { name: 'one', namespace: `of-${plural}` }, spec: { size } },
    definition(plural, kind), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `of-${plural}` } },
  ];
  const manifest = things('widgets', 'Widget', 1);
  const before = await cluster.revisions();
  const shown = await ask('objects.apply', { manifest, dryRun: true });
  assert.equal(shown.status, 'dry_run', shown.text);
  assert.match(shown.text, /widgets\.example\.test of-widgets\/one could not be tried, because its kind \(widgets\.example\.test\) is made by this call/);
  assert.match(shown.text, /\+ \.spec\.size: 1/);
  const after = await cluster.revisions();
  for (const key of ['/registry/namespaces/of-widgets', '/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.example.test']) assert.ok(!after.has(key));
  assert.equal([...after].filter(([key, revision]) => before.get(key) !== revision && !/leases/.test(key)).length, 0);
  const made = await ask('objects.apply', { manifest });
  assert.equal(made.status, 'created', made.text);
  assert.equal((await kube.get('/apis/example.test/v1/namespaces/of-widgets/widgets/one')).spec.size, 1);
  assert.equal((await ask('objects.apply', { manifest })).status, 'unchanged');

  const half = await ask('objects.apply', { manifest: things('gadgets', 'Gadget', 'large') });
  assert.ok(half.error, half.text);
  assert.match(half.text, /\.spec\.size: expected numeric/);
  assert.match(half.text, /These were made before:\n {2}created namespaces of-gadgets\n {2}created customresourcedefinitions\.apiextensions\.k8s\.io gadgets\.example\.test/);
  const back = [...half.text.matchAll(/\{"kind":[^}]*\}/g)].map(([json]) => JSON.parse(json));
  assert.deepEqual(back.map(({ name }) => name), ['gadgets.example.test', 'of-gadgets']);
  for (const args of back) assert.match((await confirmed(ask)('objects.delete', args)).status, /^delet/);
});

test('a default that comes back is shown once, not for ever', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const ask = caller(await Session.open(product, { t })), sure = confirmed(ask);
  const ns = await kube.namespace('defaults');
  const manifest = (spec) => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: ns },
    spec: { selector: { matchLabels: { a: 'd' } }, template: { metadata: { labels: { a: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }, ...spec },
  });
  assert.equal((await ask('objects.apply', { manifest: manifest({ revisionHistoryLimit: 3 }) })).status, 'created');
  const left = await sure('objects.apply', { manifest: manifest({}) });
  assert.equal(left.status, 'updated', left.text);
  assert.match(left.text, /~ \.spec\.revisionHistoryLimit: 3 -> 10 \(taken away by this write: its default comes back\)/);
  assert.equal((await ask('objects.apply', { manifest: manifest({}) })).status, 'unchanged');

  const patch = (spec) => ({ kind: 'deployment', namespace: ns, name: 'd', patch: { spec } });
  assert.equal((await ask('objects.patch', patch({ strategy: { type: 'Recreate', rollingUpdate: null } }))).status, 'confirmation_required');
  assert.equal((await sure('objects.patch', patch({ strategy: { type: 'Recreate', rollingUpdate: null } }))).status, 'updated');
  const gone = await sure('objects.patch', patch({ strategy: null }));
  assert.equal(gone.status, 'updated', gone.text);
  assert.match(gone.text, /~ \.spec\.strategy\.type: "Recreate" -> "RollingUpdate" \(taken away by this write: its default comes back\)/);
  for (const spec of [{ strategy: null }, { revisionHistoryLimit: null }]) {
    const again = await ask('objects.patch', patch(spec));
    assert.equal(again.status, 'unchanged', again.text);
  }
});

test('what admission says is told, warnings too', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const session = await Session.open(product, { t });
  const ask = caller(session);
  const ns = await kube.namespace('admission');
  const base = '/apis/admissionregistration.k8s.io/v1';
  for (const [name, expression, action] of [['deny-it', "object.data.a != 'bad'", 'Deny'], ['warn-it', "object.data.a != 'odd'", 'Warn']]) {
    await kube.create(`${base}/validatingadmissionpolicies`, {
      metadata: { name }, spec: { failurePolicy: 'Fail', validations: [{ expression, message: `${name} says no` }],
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }] } },
    });
    await kube.create(`${base}/validatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name, validationActions: [action],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ns } } } } });
  }
  t.after(async () => {
    for (const name of ['deny-it', 'warn-it']) await kube.delete(`${base}/validatingadmissionpolicybindings/${name}`);
  });
  const apply = (a) => ask('objects.apply', { manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: ns }, data: { a } } });
  const denied = await until('the policy is in force', async () => {
    const answer = await ask('objects.apply', { dryRun: true, manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: ns }, data: { a: 'bad' } } });
    return answer.error && answer;
  });
  assert.match(denied.text, /deny-it says no/);
  const warned = await until('the warning is in force', async () => {
    const answer = await apply(`odd`);
    return /warn-it says no/.test(answer.text) && answer;
  });
  assert.match(warned.text, /warning of the API server: .*warn-it says no/);
});

test('RBAC forbids what a caller may not, and nothing is offered without --allow-writes', async (t) => {
  const ns = await kube.namespace('rbac');
  await kube.grant(ns, 'alice', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }]);
  await kube.create(`/api/v1/namespaces/${ns}/configmaps`, { metadata: { name: 'm' }, data: { a: '1' } });
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'], env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const session = await Session.open(product, { t, token: cluster.tokens.alice });
  const refused = await caller(session)('objects.patch', { kind: 'configmap', namespace: ns, name: 'm', patch: { data: { a: '2' } } });
  assert.ok(refused.error);
  assert.match(refused.text, /forbidden/);
  assert.match(refused.text, /the RBAC rule that would allow it.*resources: \[configmaps\], verbs: \[patch\]/);

  const reader = await Product.start(t, { cluster, args: SANDBOX });
  const other = await Session.open(reader, { t });
  const { tools } = await other.client.listTools();
  assert.ok(tools.every(({ annotations }) => annotations.readOnlyHint !== false));
  const off = await other.client.callTool({ name: 'k0rdent.mgmt.objects.delete', arguments: { kind: 'configmap', namespace: ns, name: 'm' } });
  assert.ok(off.isError);
  assert.match(off.content[0].text, /writes are off: start the server with --allow-writes/);
});

// The product's watchdog says which callback held the loop, and then Product fails the test. An apply of 4,000 keys held it 130 ms at the comparison alone.
test('objects of a megabyte are compared, confirmed and written in turns', async (t) => {
  const ns = await kube.namespace('large');
  const product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes', '--confirm', 'always'] });
  const session = await Session.open(product, { t });
  const sure = confirmed(caller(session));
  const many = (version) => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key-${i}`, `line: ${version}\n${'x'.repeat(420)}`]));
  const lines = (version) => ({ one: `name: value ${version}\n`.repeat(50_000) });
  for (const [name, data] of [['many', many], ['lines', lines]]) {
    const at = `/api/v1/namespaces/${ns}/configmaps/${name}`;
    const manifest = (version) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: ns }, data: data(version) });
    for (const version of [1, 2]) {
      const made = await sure('objects.apply', { manifest: manifest(version) });
      assert.ok(!made.error, made.text);
      assert.deepEqual((await kube.get(at)).data, data(version));
    }
    const patched = await sure('objects.patch', { kind: 'configmap', namespace: ns, name, patch: { data: Object.fromEntries(Object.keys(data(1)).slice(1).map((key) => [key, null])), immutable: false } });
    assert.ok(!patched.error, patched.text);
    assert.deepEqual(Object.keys((await kube.get(at)).data).length, 1);
    const gone = await sure('objects.delete', { kind: 'configmap', namespace: ns, name });
    assert.ok(!gone.error, gone.text);
  }
});

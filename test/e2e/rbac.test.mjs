// The presets of `k0rdent-mcp rbac` on a real API server: each tool works with exactly its preset; what the API server's audit log has of it
// is what it declares; and without one of these rights it says which is missing.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, IDENTITY_CRDS, OWN_CRDS, REAL_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product, invoke } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { TOOLS, WRITES } from './lib/tools.mjs';
import { until } from './lib/wait.mjs';

const real = fs.existsSync(REAL_CRDS);
const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'rbac-')));
after(() => cluster.stop());
const { kube } = cluster;
await loadCrds(kube, ...(real ? [REAL_CRDS, path.join(REAL_CRDS, 'external')] : [OWN_CRDS, IDENTITY_CRDS]));
await loadObjects(kube, (real ? [FIXTURES, path.join(FIXTURES, 'external')] : [FIXTURES]).flatMap(readFolder));
const NS = 'kcm-system', RBAC = '/apis/rbac.authorization.k8s.io/v1';
await kube.create(`/api/v1/namespaces/${NS}/pods`, { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', image: 'i' }] } });
await kube.create(`/api/v1/namespaces/${NS}/configmaps`, { metadata: { name: 'settings' }, data: { a: 'b' } });
await kube.create(`/api/v1/namespaces/${NS}/secrets`, { metadata: { name: 'there' } });
await kube.create(`/apis/apps/v1/namespaces/${NS}/deployments`, { metadata: { name: 'd' }, spec: { replicas: 1, selector: { matchLabels: { a: 'd' } }, template: { metadata: { labels: { a: 'd' } }, spec: { containers: [{ name: 'd', image: 'd' }] } } } });
await kube.coreEvent(NS, 'first');

const named = (name) => ({ namespace: NS, name }), map = { kind: 'configmaps', ...named('settings') };
const config = { region: 'eu-central-1', controlPlane: { instanceType: 'm5.large' }, worker: { instanceType: 'm5.large' } };
const velero = { app: 'velero', template: 'velero', version: '10.1.0' };
const dry = { dryRun: true }, machines = { controlPlane: { instanceType: 'm' }, worker: { instanceType: 'm' } };
// The arguments of each tool; {} for those that are not here. Writes are tried only: the API server asks for the same rights.
const CALLS = {
  'events.list': { namespace: NS }, 'podLogs.get': { namespace: NS, pod: 'web', container: 'app' }, 'graph.snapshot': { namespace: NS },
  'objects.get': map, 'objects.list': { kind: 'configmaps' }, 'objects.wait_for': { ...map, for: 'create', timeout: '1s' },
  'pods.inspect': named('web'), 'credentials.describe': named('aws-cred'), 'multiClusterServices.describe': { name: 'platform-baseline' },
  'clusterTemplates.describe': named('aws-standalone-cp-1-0-43'), 'serviceTemplates.describe': named('ingress-nginx-4-14-3'),
  ...Object.fromEntries(['clusterDeployments.detail', 'clusterDeployments.get', 'clusterDeployments.getState', 'aws.clusterDeployments.detail', 'gcp.clusterDeployments.detail'].map((tool) => [tool, named('aws-prod')])),
  'azure.clusterDeployments.detail': { namespace: 'team-a', name: 'azure-lost' },
  'objects.apply': { manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made', namespace: NS }, data: { a: 'b' } }, ...dry },
  'objects.patch': { ...map, patch: { data: { x: '1' } }, ...dry }, 'objects.delete': { ...map, ...dry }, 'objects.annotate': { ...map, annotations: { a: 'b' }, ...dry },
  'objects.label': { ...map, labels: { a: 'b' }, ...dry }, 'objects.scale': { kind: 'deployments', ...named('d'), replicas: 2, ...dry }, 'objects.restart': { kind: 'deployments', ...named('d'), ...dry },
  'clusterDeployments.deploy': { name: 'new', template: 'aws-standalone-cp-1-0-43', credential: 'aws-cred', config, ...dry },
  'aws.clusterDeployments.deploy': { name: 'new', credential: 'aws-cred', region: 'eu', ...machines, ...dry },
  'azure.clusterDeployments.deploy': { name: 'new', credential: 'aws-cred', location: 'w', subscriptionID: 's', controlPlane: { vmSize: 'v' }, worker: { vmSize: 'v' }, ...dry },
  'gcp.clusterDeployments.deploy': { name: 'new', credential: 'aws-cred', project: 'p', region: 'r', network: { name: 'n' }, ...machines, ...dry },
  'clusterDeployments.update': { ...named('aws-prod'), config: { workersNumber: 5 }, ...dry }, 'clusterDeployments.upgrade': { ...named('aws-prod'), template: 'none', ...dry },
  'clusterDeployments.delete': { ...named('aws-prod'), ...dry },
  'services.apply': { clusterNamespace: NS, clusterName: 'aws-prod', templateName: 'ingress-nginx-4-14-3', serviceName: 'web', ...dry },
  'services.remove': { clusterNamespace: NS, clusterName: 'aws-prod', serviceName: 'ingress-nginx', ...dry },
  'multiClusterServices.apply': { name: 'all', clusterSelector: { matchLabels: { env: 'prod' } }, services: [{ name: 'web', namespace: 'web', template: 'ingress-nginx-4-14-3' }], ...dry },
  'multiClusterServices.delete': { name: 'podinfo-rollout', ...dry },
  'credentials.create': { name: 'c', identityKind: 'AWSClusterStaticIdentity', identityName: 'aws-cluster-identity', ...dry },
  'serviceTemplates.install_from_catalog': { ...velero, ...dry }, 'serviceTemplates.delete': { app: 'ingress-nginx', template: 'ingress-nginx', version: '4.14.3', ...dry },
};
const argumentsOf = (tool) => CALLS[Object.keys(CALLS).filter((name) => tool.endsWith(`.${name}`)).sort((a, b) => b.length - a.length)[0]] ?? {};

// What is answered before the right matters: there is no template of these providers, the cluster is of another one, there is no kubelet, the
// template is in use.
const NO_SUCCESS = real ? /(azure|gcp)\.clusterDeployments\.deploy$|gcp\.clusterDeployments\.detail$|podLogs\.get$|serviceTemplates\.delete$/
  // The stand-ins have no HelmRepository.
  : /(azure|gcp)\.clusterDeployments\.deploy$|gcp\.clusterDeployments\.detail$|podLogs\.get$|serviceTemplates\.(delete|install_from_catalog)$/;
// The older API has the same events; the identities of the usual providers are known without their ProviderInterface.
// What holds a cluster is said with a plan, and this upgrade to no template has none. That a Secret lacks a key is said where the caller may
// read it: seldom.
const UNSAID = {
  'k0rdent.mgmt.clusterDeployments.upgrade': ['helmreleases.helm.toolkit.fluxcd.io', 'clusters.cluster.x-k8s.io'],
  'k0rdent.mgmt.clusterDeployments.deploy': ['secrets.'], 'k0rdent.provider.aws.clusterDeployments.deploy': ['secrets.'], 'k0rdent.mgmt.credentials.create': ['secrets.'],
};
const OTHER_WAYS = ['events.events.k8s.io', 'providerinterfaces.k0rdent.mirantis.com'];

const json = async (...args) => JSON.parse((await invoke(['rbac', ...args, '-o', 'json'])).stdout);
const needs = new Map((await json('needs')).map((each) => [each.name, each.needs]));
const roles = {};
for (const preset of ['view', 'logs', 'operate', 'admin']) roles[preset] = (await json(preset)).rules;
/** The smallest preset that has the tool. */
function presetOf(tool) {
  if (tool.endsWith('podLogs.get')) return 'logs';
  if (TOOLS.includes(tool)) return 'view';
  const anyKind = needs.get(tool).some((need) => need.apiGroups[0] === '*' && need.verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
  return anyKind || /delete|remove/.test(tool) ? 'admin' : 'operate';
}

let users = 0;
/** A service account with these rules: {name, token}; it may use them when it returns. */
async function userWith(rules) {
  const name = `u${++users}`;
  await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts`, { metadata: { name } });
  await kube.create(`${RBAC}/clusterroles`, { metadata: { name }, rules });
  await kube.create(`${RBAC}/clusterrolebindings`, {
    metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: NS }],
  });
  const { status } = await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts/${name}/token`, { spec: { expirationSeconds: 3600 } });
  const mine = cluster.as(status.token), some = rules.find((rule) => rule.resources && rule.verbs.includes('list') && rule.resources[0] !== '*');
  if (some) {
    const group = some.apiGroups[0], attributes = { verb: 'list', group, resource: some.resources[0] };
    await until('the rights to be known', async () => (await mine.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: attributes } })).status.allowed);
  }
  mine.close();
  return { name: `system:serviceaccount:${NS}:${name}`, token: status.token };
}

const key = (ref) => `${ref.subresource ? `${ref.resource}/${ref.subresource}` : ref.resource}.${ref.apiGroup ?? ''}`;
const declares = (tool, { verb, objectRef: ref }) => needs.get(tool).some((need) => need.verbs.includes(verb) && (need.apiGroups[0] === '*' ||
  (need.apiGroups[0] === (ref.apiGroup ?? '') && ['*', ref.subresource ? `${ref.resource}/${ref.subresource}` : ref.resource].includes(need.resources[0]))));
// What these answer is not the API server's, or not of its objects.
const QUIET = ['k0rdent.catalog.serviceTemplates.list', 'k0rdent.mgmt.objects.kinds'];
const COMMON = /^(selfsubjectreviews|selfsubjectaccessreviews)$/;

async function said(session, tool) {
  const result = await session.client.callTool({ name: tool, arguments: argumentsOf(tool) });
  return result.content.map((c) => c.text).join('\n') + JSON.stringify(result.structuredContent ?? {});
}

const asked = new Map(); // tool → the resources that it asked for

test('each tool works with exactly its preset, and asks for what it declares', async (t) => {
  const product = await Product.start(t, { cluster, args: ['--allow-writes'], env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  for (const tool of [...TOOLS, ...WRITES]) {
    const user = await userWith(roles[presetOf(tool)]);
    const session = await Session.open(product, { t, token: user.token });
    const text = await said(session, tool);
    await session.terminate();
    // The API server writes its log a little later than its answers.
    const requests = await until(`the requests of ${tool} in the audit log`, () => {
      const all = cluster.audit.requests((entry) => entry.user.username === user.name);
      return (QUIET.includes(tool) || all.some(({ objectRef }) => objectRef?.resource && !COMMON.test(objectRef.resource))) && all;
    });
    asked.set(tool, new Set());
    for (const entry of requests) {
      if (!entry.objectRef?.resource) {
        assert.match(entry.requestURI, /^\/(version|apis?)(\/|\?|$)/, `${tool}: ${entry.requestURI}`);
      } else if (!COMMON.test(entry.objectRef.resource)) {
        assert.ok(declares(tool, entry), `${tool} does not declare ${entry.verb} of ${key(entry.objectRef)}`);
        asked.get(tool).add(key(entry.objectRef));
      }
    }
    // The graph looks for a Secret that an object names: `view` has no right to that.
    const refused = cluster.audit.entries((entry) => entry.user.username === user.name && entry.responseStatus?.code === 403 && entry.objectRef?.resource !== 'secrets');
    assert.deepEqual(refused.map((entry) => `${entry.verb} ${key(entry.objectRef)}`), [], `${tool}: ${text.slice(0, 500)}`);
  }
  const nothing = [...asked].filter(([, resources]) => resources.size === 0).map(([tool]) => tool);
  assert.deepEqual(nothing, QUIET);
});

test('without one of the rights that a tool asks for it says which', async (t) => {
  const product = await Product.start(t, { cluster, args: ['--allow-writes'], env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const resources = new Set([...asked].filter(([tool]) => !tool.includes('graph')).flatMap(([, each]) => [...each]));
  assert.ok(resources.size > (real ? 20 : 15), [...resources].join(' '));
  const silent = [];
  const all = [...resources].map((each) => [each.slice(0, each.indexOf('.')), each.slice(each.indexOf('.') + 1)]);
  for (const lacks of resources) {
    const rules = all.filter(([resource, group]) => `${resource}.${group}` !== lacks)
      .map(([resource, group]) => ({ apiGroups: [group], resources: [resource], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] }));
    const session = await Session.open(product, { t, token: (await userWith(rules)).token });
    for (const [tool, each] of asked) {
      if (!each.has(lacks) || tool.includes('graph') || NO_SUCCESS.test(tool) || OTHER_WAYS.includes(lacks) || UNSAID[tool]?.includes(lacks)) continue;
      const text = await said(session, tool), resource = lacks.slice(0, lacks.indexOf('.'));
      if (!/forbidden|may not/i.test(text) || !text.includes(resource)) silent.push(`${tool} without ${lacks}: ${text.slice(0, 300)}`);
    }
    await session.terminate();
  }
  assert.deepEqual(silent, []);
});

test('a preset for the logs has no other right, and view none to logs and Secrets', async () => {
  const may = async (token, group, resource, verb, subresource) => {
    const mine = cluster.as(token);
    const { status } = await mine.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: { verb, group, resource, subresource } } });
    mine.close();
    return status.allowed;
  };
  const view = (await userWith(roles.view)).token, logs = (await userWith(roles.logs)).token;
  assert.equal(await may(view, '', 'pods', 'get', 'log'), false);
  assert.equal(await may(view, '', 'secrets', 'list'), false);
  assert.equal(await may(view, 'k0rdent.mirantis.com', 'clusterdeployments', 'patch'), false);
  assert.equal(await may(logs, '', 'pods', 'get', 'log'), true);
  assert.equal(await may(logs, 'k0rdent.mirantis.com', 'clusterdeployments', 'get'), false);
});

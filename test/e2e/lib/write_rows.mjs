// Each tool that writes, as a row for each_write.test.mjs: what must be there before, its arguments, the object that it writes, what it
// answers, what it answers to the same call once more, and what of another's is in its way.
export const NS = 'kcm-system';
const K0RDENT = 'k0rdent.mirantis.com', API = `${K0RDENT}/v1beta1`, APPLY = 'application/apply-patch+yaml';

const k0rdent = (plural, ns) => `/apis/${API}/${ns ? `namespaces/${ns}/` : ''}${plural}`;
const maps = '/api/v1/namespaces/team-a/configmaps', deployments = '/apis/apps/v1/namespaces/team-a/deployments';
const clusters = k0rdent('clusterdeployments', NS), services = k0rdent('multiclusterservices'), credentials = k0rdent('credentials', NS);
const templates = (ns) => k0rdent('servicetemplates', ns), repositories = (ns) => `/apis/source.toolkit.fluxcd.io/v1/namespaces/${ns}/helmrepositories`;

const object = (apiVersion, kind, metadata, rest) => ({ apiVersion, kind, metadata, ...rest });
const map = (name, data) => object('v1', 'ConfigMap', { name, namespace: 'team-a' }, { data });
const deployment = (name) => object('apps/v1', 'Deployment', { name, namespace: 'team-a' }, {
  spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const config = { region: 'eu-central-1', controlPlane: { instanceType: 'm5.large' }, worker: { instanceType: 'm5.large' } };
const cluster = (name, spec = {}) => object(API, 'ClusterDeployment', { name, namespace: NS }, {
  spec: { template: 'aws-standalone-cp-1-0-43', credential: 'aws-cred', config, serviceSpec: { services: [{ name: 'web', namespace: 'web', template: 'ingress-nginx-4-14-3' }] }, ...spec },
});
const manyClusters = (name) => object(API, 'MultiClusterService', { name }, {
  spec: { clusterSelector: { matchLabels: { no: 'such' } }, serviceSpec: { services: [{ name: 'i', namespace: 'i', template: 'ingress-nginx-4-15-1' }] } },
});
const helm = (chart, version, repository = 'k0rdent-catalog') => ({ helm: { chartSpec: { chart, version, interval: '10m0s', sourceRef: { kind: 'HelmRepository', name: repository } } } });
const repository = (ns, url = 'oci://ghcr.io/k0rdent/catalog/charts') => object('source.toolkit.fluxcd.io/v1', 'HelmRepository',
  { name: 'k0rdent-catalog', namespace: ns, labels: { [`${K0RDENT}/managed`]: 'true' } }, { spec: { type: 'oci', url } });

/**
 * The rows. kube: the tests' own hands. A row:
 *   make(name)      what is there before; args(name): the tool's arguments; where(name): the path of the object that it writes
 *   verb, plural, group    the right that the write needs
 *   status, again   of the answer, and of the same call once more
 *   rival(name)     another's fields or object in its way; `says`: what it is told then. None: nothing of another's can be.
 */
export function writeRows(kube) {
  const put = (path) => (object) => kube.create(path, object);
  const as = (manager, path, body) => kube.must('PATCH', `${path}?fieldManager=${manager}&force=true`, body, APPLY);
  const conflict = /conflict: other managers own fields of [\s\S]*\(owner: flux[,)][\s\S]*leave the object as it is/;
  const rows = [];

  const onMap = (action, more, rival, rest = {}) => rows.push({
    tool: `k0rdent.mgmt.objects.${action}`, make: (name) => put(maps)(map(name, { a: '1' })), where: (name) => `${maps}/${name}`,
    args: (name) => ({ kind: 'configmap', namespace: 'team-a', name, ...more }), verb: 'patch', plural: 'configmaps', group: '', status: 'updated', again: 'unchanged',
    rival: rival && ((name) => as('flux', `${maps}/${name}`, object('v1', 'ConfigMap', { name, ...rival.metadata }, { data: rival.data }))), says: conflict, ...rest,
  });
  onMap('apply', {}, { data: { a: 'flux' } }, { args: (name) => ({ manifest: map(name, { a: '2' }) }), make: (name) => as('mcp.clusters', `${maps}/${name}`, map(name, { a: '1' })) });
  onMap('patch', { patch: { data: { a: '2' } } }, { data: { a: 'flux' } });
  onMap('annotate', { annotations: { x: 'y' } }, { metadata: { annotations: { x: 'flux' } } });
  onMap('label', { labels: { x: 'y' } }, { metadata: { labels: { x: 'flux' } } });
  onMap('delete', {}, undefined, { verb: 'delete', status: 'deleted', again: 'not_found' });
  const onDeployment = (action, more, rival, rest = {}) => rows.push({
    tool: `k0rdent.mgmt.objects.${action}`, make: (name) => put(deployments)(deployment(name)), where: (name) => `${deployments}/${name}`,
    args: (name) => ({ kind: 'deployment', namespace: 'team-a', name, ...more }), verb: 'patch', plural: 'deployments', group: 'apps', status: 'updated', again: 'unchanged',
    rival: (name) => as('flux', `${deployments}/${name}`, object('apps/v1', 'Deployment', { name }, { spec: rival })), says: conflict, ...rest,
  });
  onDeployment('scale', { replicas: 3 }, { replicas: 7 });
  // It restarts again, unless it did in this very second.
  onDeployment('restart', {}, { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'then' } } } }, { again: /^(updated|unchanged)$/ });

  const onCluster = (action, args, rest) => rows.push({
    tool: `k0rdent.mgmt.clusterDeployments.${action}`, make: (name) => put(clusters)(cluster(name)), where: (name) => `${clusters}/${name}`, args,
    verb: 'patch', plural: 'clusterdeployments', group: K0RDENT, status: 'updated', again: 'unchanged', says: conflict, ...rest,
  });
  const theirs = (spec) => (name) => as('flux', `${clusters}/${name}`, object(API, 'ClusterDeployment', { name }, { spec: { template: 'aws-standalone-cp-1-0-43', ...spec } }));
  onCluster('update', (name) => ({ name, config: { workersNumber: 7 } }), { rival: theirs({ config: { workersNumber: 5 } }) });
  onCluster('upgrade', (name) => ({ name, template: 'aws-standalone-cp-1-0-44' }), {
    make: async (name) => {
      await kube.create(clusters, cluster(name));
      await kube.merge(`${clusters}/${name}/status`, { status: { availableUpgrades: ['aws-standalone-cp-1-0-44'] } });
    },
    rival: theirs({}),
  });
  // A finalizer, as k0rdent's controller sets it: it stays until the cluster's machines are gone.
  onCluster('delete', (name) => ({ name }), {
    make: (name) => put(clusters)({ ...cluster(name), metadata: { name, finalizers: [`${K0RDENT}/cluster-deployment`] } }), verb: 'delete', status: 'deleting', again: 'deleting',
  });
  const service = (more) => (name) => ({ clusterNamespace: NS, clusterName: name, serviceName: 'web', serviceNamespace: 'web', ...more });
  const applied = theirs({ serviceSpec: { services: [{ name: 'web', namespace: 'web', template: 'ingress-nginx-4-14-3', values: 'x: 1\n' }] } });
  onCluster('services.apply', service({ templateName: 'ingress-nginx-4-15-1', values: { replicas: 2 } }), { rival: applied });
  onCluster('services.remove', service({}), { again: 'not_found', rival: applied });

  // What makes a new object never changes one that is there.
  const taken = /is there already,? .*nothing was written/;
  const onNew = (tool, args, rest = {}) => rows.push({
    tool, make: () => {}, where: (name) => `${clusters}/${name}`, args, verb: 'create', plural: 'clusterdeployments', group: K0RDENT, status: 'created', again: 'unchanged',
    rival: (name) => kube.create(clusters, cluster(name, { config: { ...config, region: 'another' } })), says: taken, ...rest,
  });
  const machines = { controlPlane: { instanceType: 'a' }, worker: { instanceType: 'b' } };
  onNew('k0rdent.mgmt.clusterDeployments.deploy', (name) => ({ name, template: 'aws-standalone-cp-1-0-43', credential: 'aws-cred', config }));
  onNew('k0rdent.provider.aws.clusterDeployments.deploy', (name) => ({ name, credential: 'aws-cred', region: 'r', ...machines }));
  onNew('k0rdent.provider.azure.clusterDeployments.deploy', (name) => ({
    name, credential: 'azure-cred', location: 'l', subscriptionID: 's', controlPlane: { vmSize: 'a' }, worker: { vmSize: 'b' },
  }));
  onNew('k0rdent.provider.gcp.clusterDeployments.deploy', (name) => ({ name, credential: 'gcp-cred', project: 'p', region: 'r', network: { name: 'n' }, ...machines }));
  onNew('k0rdent.mgmt.credentials.create', (name) => ({ name, identityKind: 'Secret', identityName: 's' }), {
    where: (name) => `${credentials}/${name}`, plural: 'credentials',
    rival: (name) => kube.create(credentials, object(API, 'Credential', { name, namespace: NS }, { spec: { identityRef: { apiVersion: 'v1', kind: 'Secret', name: 'another', namespace: NS } } })),
  });

  rows.push({
    tool: 'k0rdent.mgmt.multiClusterServices.apply', make: () => {}, where: (name) => `${services}/${name}`, verb: 'patch', plural: 'multiclusterservices', group: K0RDENT,
    args: (name) => ({ name, clusterSelector: { matchLabels: { no: 'such' } }, services: [{ name: 'i', namespace: 'i', template: 'ingress-nginx-4-15-1' }] }), status: 'created', again: 'unchanged',
    rival: (name) => as('flux', `${services}/${name}`, object(API, 'MultiClusterService', { name }, { spec: { clusterSelector: { matchLabels: { no: 'such' } }, serviceSpec: { services: [{ name: 'i', namespace: 'i', template: 'ingress-nginx-4-14-3' }] } } })),
    says: conflict,
  }, {
    tool: 'k0rdent.mgmt.multiClusterServices.delete', make: (name) => put(services)({ ...manyClusters(name), metadata: { name, finalizers: [`${K0RDENT}/multicluster-service`] } }),
    where: (name) => `${services}/${name}`, args: (name) => ({ name }), verb: 'delete', plural: 'multiclusterservices', group: K0RDENT, status: 'deleting', again: 'deleting',
  });
  // The names are the chart's: each case has a namespace.
  const space = (name) => kube.create('/api/v1/namespaces', { metadata: { name } });
  rows.push({
    tool: 'k0rdent.mgmt.serviceTemplates.install_from_catalog', make: space, where: (name) => `${templates(name)}/velero-10-1-0`, verb: 'patch', plural: 'servicetemplates', group: K0RDENT,
    args: (name) => ({ app: 'velero', template: 'velero', version: '10.1.0', namespace: name }), status: 'created', again: 'unchanged',
    rival: (name) => kube.create(repositories(name), repository(name, 'oci://example.test/charts')), says: /HelmRepository .*k0rdent-catalog.*(is there|another)/,
  }, {
    tool: 'k0rdent.mgmt.serviceTemplates.delete', where: (name) => `${templates(name)}/velero-9-2-0`, verb: 'delete', plural: 'servicetemplates', group: K0RDENT,
    make: async (name) => {
      await space(name);
      await kube.create(repositories(name), repository(name));
      await kube.create(templates(name), object(API, 'ServiceTemplate', { name: 'velero-9-2-0', namespace: name }, { spec: helm('velero', '9.2.0') }));
    },
    args: (name) => ({ app: 'velero', template: 'velero', version: '9.2.0', namespace: name }), status: 'deleted', again: 'not_found',
    rival: (name) => kube.create(k0rdent('clusterdeployments', name), { ...cluster(name, { serviceSpec: { services: [{ name: 'v', namespace: 'v', template: 'velero-9-2-0' }] } }), metadata: { name } }),
    says: /is used by ClusterDeployment /,
  });
  return rows;
}

/**
 * The identities that credentials.create makes of Secret "s", one of each provider: `spec` of the object, `more` arguments, `chart` of a template
 * of the provider.
 */
const INFRASTRUCTURE = 'infrastructure.cluster.x-k8s.io';
const secretRef = { name: 's', namespace: NS };
export const IDENTITIES = [
  { kind: 'AWSClusterStaticIdentity', version: 'v1beta2', spec: { secretRef: 's', allowedNamespaces: {} }, chart: 'aws-standalone-cp' },
  {
    kind: 'AzureClusterIdentity', version: 'v1beta1', ns: NS, more: { tenantID: 't', clientID: 'c' }, chart: 'azure-standalone-cp',
    spec: { type: 'ServicePrincipal', tenantID: 't', clientID: 'c', clientSecret: secretRef, allowedNamespaces: {} },
  },
  { kind: 'VSphereClusterIdentity', version: 'v1beta2', spec: { secretName: 's', allowedNamespaces: { selector: { matchLabels: {} } } }, chart: 'vsphere-standalone-cp' },
  { kind: 'OpenStackClusterIdentity', version: 'v1alpha1', spec: { secretRef }, chart: 'openstack-standalone-cp' },
].map((each) => ({
  ...each, api: `${INFRASTRUCTURE}/${each.version}`, provider: each.chart.split('-')[0],
  where: (name) => `/apis/${INFRASTRUCTURE}/${each.version}/${each.ns ? `namespaces/${each.ns}/` : ''}${each.kind.toLowerCase().slice(0, -1)}ies/${name}`,
}));

/** A ClusterTemplate of a chart, valid and for its provider. */
export async function makeTemplate(kube, chart, name) {
  const charts = k0rdent('clustertemplates', NS);
  await kube.create(charts, object(API, 'ClusterTemplate', { name, namespace: NS }, { spec: helm(chart, '9.0.0', 'kcm-templates') }));
  await kube.merge(`${charts}/${name}/status`, { status: { valid: true, providers: [`infrastructure-${chart.split('-')[0]}`] } });
}
export const credentialAt = (name) => `${credentials}/${name}`;

/** What all rows need: credentials and templates of each provider, and a Secret. */
export async function prepare(kube) {
  await kube.create(`/api/v1/namespaces/${NS}/secrets`, { metadata: { name: 's' } });
  for (const name of ['azure-cred', 'gcp-cred']) {
    await kube.create(credentials, object(API, 'Credential', { name, namespace: NS }, { spec: { identityRef: { apiVersion: 'v1', kind: 'Secret', name: 's', namespace: NS } } }));
    await kube.merge(`${credentials}/${name}/status`, { status: { ready: true } });
  }
  const charts = k0rdent('clustertemplates', NS);
  for (const [chart, version] of [['azure-standalone-cp', '1.0.50'], ['gcp-standalone-cp', '1.0.50'], ['aws-standalone-cp', '1.0.44']]) {
    const name = `${chart}-${version.replaceAll('.', '-')}`;
    await kube.create(charts, object(API, 'ClusterTemplate', { name, namespace: NS }, { spec: helm(chart, version, 'kcm-templates') }));
    await kube.merge(`${charts}/${name}/status`, { status: { valid: true } });
  }
}

/** HelmRepository, where the real definitions are not there. */
export const HELM_REPOSITORIES = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { name: 'helmrepositories.source.toolkit.fluxcd.io' }, {
  spec: {
    group: 'source.toolkit.fluxcd.io', scope: 'Namespaced', names: { kind: 'HelmRepository', listKind: 'HelmRepositoryList', plural: 'helmrepositories', singular: 'helmrepository' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } }],
  },
});

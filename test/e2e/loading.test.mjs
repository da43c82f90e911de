// A k0rdent management cluster: the sample objects on our own small definitions, and on the real ones where they are.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, REAL_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product } from './lib/product.mjs';
import { Session, brief, eventsUri } from './lib/mcp.mjs';

const KINDS = ['ClusterDeployment', 'ClusterTemplate', 'ClusterTemplateChain', 'Credential', 'Management', 'MultiClusterService',
  'ServiceSet', 'ServiceTemplate', 'ServiceTemplateChain', 'StateManagementProvider'];

// [tool, the path that kubectl lists]
const K0RDENT = '/apis/k0rdent.mirantis.com/v1beta1';
const LISTS = [['k0rdent.mgmt.namespaces.list', '/api/v1/namespaces'], ['k0rdent.pods.list', '/api/v1/pods'],
  ['k0rdent.mgmt.clusterDeployments.list', `${K0RDENT}/clusterdeployments`], ['k0rdent.mgmt.clusterDeployments.listAll', `${K0RDENT}/clusterdeployments`],
  ['k0rdent.mgmt.serviceTemplates.list', `${K0RDENT}/servicetemplates`], ['k0rdent.mgmt.clusterTemplates.list', `${K0RDENT}/clustertemplates`],
  ['k0rdent.mgmt.multiClusterServices.list', `${K0RDENT}/multiclusterservices`], ['k0rdent.mgmt.providers.listCredentials', `${K0RDENT}/credentials`]];

// Statuses that make kubectl think: {spec, status}.
const RUNNING = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const container = (name, state, more = {}) => ({ name, image: 'i', imageID: '', ready: false, restartCount: 0, state, ...more });
const PODS = {
  pending: { status: { phase: 'Pending' } },
  evicted: { status: { phase: 'Failed', reason: 'Evicted' } },
  crashing: {
    status: { phase: 'Running', containerStatuses: [container('a', { waiting: { reason: 'CrashLoopBackOff' } },
      { restartCount: 5, lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-01-01T00:00:00Z' } } })] },
  },
  killed: { status: { phase: 'Failed', containerStatuses: [container('a', { terminated: { exitCode: 137, signal: 9 } })] } },
  exited: { status: { phase: 'Failed', containerStatuses: [container('a', { terminated: { exitCode: 3 } })] } },
  initializing: {
    spec: { initContainers: [{ name: 'i', image: 'i' }, { name: 'j', image: 'i' }] },
    status: { phase: 'Pending', initContainerStatuses: [container('i', { terminated: { exitCode: 0 } }), container('j', RUNNING, { restartCount: 2 })] },
  },
  uninitialized: {
    spec: { initContainers: [{ name: 'i', image: 'i' }] },
    status: { phase: 'Pending', initContainerStatuses: [container('i', { terminated: { exitCode: 2 } }, { restartCount: 1 })] },
  },
  sidecar: {
    spec: { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] },
    status: {
      phase: 'Running', initContainerStatuses: [container('s', RUNNING, { started: true, ready: true, restartCount: 3 })],
      containerStatuses: [container('a', RUNNING, { ready: true })],
    },
  },
  half: {
    spec: { containers: [{ name: 'a', image: 'i' }, { name: 'b', image: 'i' }] },
    status: {
      phase: 'Running', containerStatuses: [container('a', { terminated: { exitCode: 0, reason: 'Completed' } }), container('b', RUNNING, { ready: true })],
    },
  },
};

const worlds = [['our own definitions', [OWN_CRDS], [FIXTURES]]];
// The real definitions are other projects' work and lie beside the checkout, if anywhere.
if (fs.existsSync(REAL_CRDS)) {
  worlds.push(['the real definitions', [REAL_CRDS, path.join(REAL_CRDS, 'external')], [FIXTURES, path.join(FIXTURES, 'external')]]);
}

for (const [name, definitions, folders] of worlds) {
  test(`a management cluster on ${name}`, async (t) => {
    const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'loading-')));
    t.after(() => cluster.stop());
    const { kube } = cluster;
    const objects = folders.flatMap(readFolder);

    await t.test('serves every kind that the samples and the program use', async () => {
      await loadCrds(kube, ...definitions);
      const { resources } = await kube.get('/apis/k0rdent.mirantis.com/v1beta1');
      for (const kind of KINDS) {
        assert.ok(resources.some((r) => r.kind === kind && !r.name.includes('/')), kind);
        if (!['ClusterTemplateChain', 'Management'].includes(kind)) {
          assert.ok(resources.some((r) => r.kind === kind && r.name.endsWith('/status')), `${kind} status`);
        }
      }
    });

    await t.test('takes every sample object, and gives each back with nothing lost', async () => {
      const loaded = await loadObjects(kube, objects);
      assert.equal(loaded.length, objects.length);
      for (const { path: where, object } of loaded) {
        const served = await kube.get(where);
        for (const part of ['spec', 'data', 'type']) {
          if (object[part] !== undefined) assertContains(served[part], object[part], `${where} ${part}`);
        }
        if (object.status && object.apiVersion.startsWith('k0rdent.')) {
          assertContains(served.status, object.status, `${where} status`);
        }
      }
    });

    await t.test('is served by the program', async (t) => {
      const product = await Product.start(t, { cluster });
      const session = await Session.open(product, { t });
      const { namespaces } = await session.call('k0rdent.mgmt.namespaces.list');
      for (const wanted of ['kcm-system', 'team-a']) {
        assert.equal(namespaces.find((n) => n.name === wanted)?.status, 'Active');
      }
      const uri = eventsUri('kcm-system');
      await session.subscribe(uri);
      const about = await kube.get('/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments/aws-dev');
      await kube.coreEvent('kcm-system', 'aws-dev.1', {
        involvedObject: { apiVersion: about.apiVersion, kind: about.kind, namespace: 'kcm-system', name: 'aws-dev', uid: about.metadata.uid },
        reason: 'Progressing', message: 'Control plane not yet initialized', type: 'Warning',
      });
      const deltas = await session.got('the event', uri, (d) => d.length > 0);
      assert.deepEqual(brief(deltas), ['ADDED aws-dev.1']);
      assert.deepEqual(deltas[0].event.involvedObject,
        { namespace: 'kcm-system', name: 'aws-dev', kind: 'ClusterDeployment', uid: about.metadata.uid });
      const { events } = await session.call('k0rdent.mgmt.events.list', { namespace: 'kcm-system', forKind: 'ClusterDeployment', forName: 'aws-dev' });
      assert.deepEqual(events, [deltas[0].event]);
      await session.terminate();
    });

    // The columns are the real definitions'.
    if (definitions[0] === REAL_CRDS) await t.test('its lists are what kubectl prints', async (t) => {
      const product = await Product.start(t, { cluster });
      const session = await Session.open(product, { t });
      for (const [name, { spec, status }] of Object.entries(PODS)) {
        const pods = '/api/v1/namespaces/team-a/pods';
        await kube.create(pods, { metadata: { name }, spec: { containers: [{ name: 'a', image: 'i' }], ...spec } });
        await kube.merge(`${pods}/${name}/status`, { status });
      }
      const { kinds } = await session.call('k0rdent.mgmt.objects.kinds', { maxBytes: 1048576, format: 'json' });
      assert.ok(kinds.length > 60, `${kinds.length} kinds`);
      // Component statuses come in no order, events newest first, some of the API server's own; what is in Secrets is for a policy that names them.
      const any = kinds.filter((kind) => kind.verbs?.includes('list') && !['componentstatuses', 'events', 'secrets'].includes(kind.name)).map(({ name, group, version, namespaced }) => [
        'k0rdent.mgmt.objects.list', `${group ? `/apis/${group}` : '/api'}/${version}/${name}`, { kind: group ? `${name}.${group}` : name }, namespaced]);
      for (const [tool, path, more, scope] of [...LISTS, ...any]) {
        const want = await kube.table(path);
        if (!more) assert.ok(want.rows.length > 0, path);
        if (!want.rows?.length) continue;
        const namespaced = scope ?? want.rows.some((row) => row.object.metadata.namespace);
        const columns = want.columnDefinitions.map((column, i) => ({ ...column, i })).filter((column) => column.priority === 0);
        const header = [...(namespaced ? ['NAMESPACE'] : []), ...columns.map((column) => column.name.toUpperCase())];
        const rows = want.rows.map(({ cells, object }) => [...(namespaced ? [object.metadata.namespace] : []),
          ...columns.map(({ i, name }) => (/^age$/i.test(name) ? 'AGE' : kubectlCell(cells[i])))]);
        const answer = await session.client.callTool({ name: tool, arguments: { limit: 1000, maxBytes: 1048576, ...more } });
        assert.equal(answer.isError ?? false, false, answer.content[0].text);
        const got = splitTable(answer.content[0].text);
        assert.deepEqual(got.header, header, `${tool} ${path}`);
        const ages = header.indexOf('AGE');
        assert.deepEqual(got.rows.map((row) => row.map((cell, i) => (i === ages ? 'AGE' : cell))), rows, `${tool} ${path}`);
        const structured = Object.values(answer.structuredContent).find(Array.isArray);
        assert.deepEqual(structured.map((row) => row.name), want.rows.map((row) => row.object.metadata.name), tool);
      }
      await session.terminate();
    });

    await t.test('its objects are described, and given whole', async (t) => {
      const product = await Product.start(t, { cluster });
      const session = await Session.open(product, { t });
      const ask = async (name, args) => {
        const answer = await session.client.callTool({ name, arguments: args });
        assert.equal(answer.isError ?? false, false, `${name} ${JSON.stringify(args)}: ${answer.content[0].text}`);
        const bytes = JSON.stringify(answer.structuredContent).length + JSON.stringify(answer.content).length;
        assert.ok(bytes <= 33 * 1024, `${name}: ${bytes} bytes`);
        return answer.structuredContent;
      };
      const ns = 'kcm-system';
      const aws = await ask('k0rdent.mgmt.clusterTemplates.describe', { namespace: ns, name: 'aws-standalone-cp-1-0-43' });
      assert.equal(aws.valid, true);
      assert.ok(aws.values.some((value) => value.path === 'region' && value.required), JSON.stringify(aws.values));
      const nginx = await ask('k0rdent.mgmt.serviceTemplates.describe', { namespace: ns, name: 'ingress-nginx-4-14-3' });
      assert.deepEqual(nginx.upgrades, ['ingress-nginx-4-15-1']);
      const credential = await ask('k0rdent.mgmt.credentials.describe', { namespace: ns, name: 'aws-cred' });
      assert.ok(credential.usedBy.includes('aws-prod'), JSON.stringify(credential));
      const base = await ask('k0rdent.mgmt.multiClusterServices.describe', { name: 'platform-baseline' });
      assert.ok(base.services.length > 0 && base.clusters.length > 0, JSON.stringify(base));
      assert.equal((await ask('k0rdent.mgmt.management.health', {})).state, 'not set up');
      for (const { apiVersion, kind, metadata: { name, namespace } } of objects.filter((each) => !['CustomResourceDefinition', 'Secret'].includes(each.kind))) {
        const { object } = await ask('k0rdent.mgmt.objects.get', { kind: `${apiVersion}/${kind}`, name, ...(namespace && { namespace }) });
        assert.deepEqual([object.kind, object.metadata.name, object.metadata.managedFields], [kind, name, undefined]);
      }
      const { items } = await kube.get('/api/v1/namespaces/team-a/pods');
      for (const { metadata } of items) {
        const { status } = await ask('k0rdent.pods.inspect', { namespace: 'team-a', name: metadata.name });
        const { pods } = await ask('k0rdent.pods.list', { namespace: 'team-a', fieldSelector: `metadata.name=${metadata.name}` });
        assert.equal(status, pods[0].status);
      }
      await session.terminate();
    });
  });
}

/** As kubectl's table printer writes it: nothing for null, the first line of several. */
function kubectlCell(value) {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[\f\n\r]/.test(text) ? `${text.split(/[\f\n\r]/)[0]}...` : text;
}

/** A table of ours, by the places where its headers begin. */
function splitTable(text) {
  const [head, ...lines] = text.split('\n\n')[0].trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map((match) => match.index);
  const cut = (line) => starts.map((start, i) => line.slice(start, starts[i + 1]).trimEnd());
  return { header: cut(head), rows: lines.map(cut) };
}

/** Everything of wanted is in got; the API server may have added defaults. */
function assertContains(got, wanted, where) {
  if (Array.isArray(wanted)) {
    assert.equal(got?.length, wanted.length, where);
    wanted.forEach((value, i) => assertContains(got[i], value, `${where}[${i}]`));
  } else if (wanted && typeof wanted === 'object') {
    for (const [key, value] of Object.entries(wanted)) assertContains(got?.[key], value, `${where}.${key}`);
  } else {
    assert.equal(got, wanted, where);
  }
}

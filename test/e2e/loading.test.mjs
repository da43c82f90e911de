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
  });
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

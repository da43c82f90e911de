// Service templates from the catalog in a real API server: installed, looked at, used, deleted.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster, root } from './lib/cluster.mjs';
import { FIXTURES, REAL_CRDS, loadCrds, loadObjects, readFolder, readYaml } from './lib/fixtures.mjs';
import { Product } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';

// Flux's kinds are among the real definitions only.
const skip = fs.existsSync(REAL_CRDS) ? false : `optional: no definitions in ${REAL_CRDS}`;
const ST = (ns) => `/apis/k0rdent.mirantis.com/v1beta1/namespaces/${ns}/servicetemplates`;
const REPOSITORY = (ns) => `/apis/source.toolkit.fluxcd.io/v1/namespaces/${ns}/helmrepositories/k0rdent-catalog`;
const VELERO = { app: 'velero', template: 'velero', version: '10.1.0' };

test('a chart of the catalog becomes a template, and goes again', { skip }, async (t) => {
  const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'install-')));
  t.after(() => cluster.stop());
  const { kube } = cluster;
  await loadCrds(kube, REAL_CRDS, path.join(REAL_CRDS, 'external'));
  await loadObjects(kube, [FIXTURES, path.join(FIXTURES, 'external')].flatMap(readFolder));
  const product = await Product.start(t, { cluster, args: ['--allow-writes', '--cluster-name', 'edge'] });
  const session = await Session.open(product, { t });
  const ask = async (name, args) => {
    const answer = await session.client.callTool({ name: `k0rdent.mgmt.serviceTemplates.${name}`, arguments: args });
    return { text: answer.content[0].text, error: answer.isError === true, ...answer.structuredContent };
  };
  const sure = async (name, args) => {
    const first = await ask(name, args);
    assert.equal(first.status, 'confirmation_required', first.text);
    return ask(name, { ...args, confirm: first.confirm });
  };
  const ns = await kube.namespace('install');

  await t.test('installing makes both objects, once', async () => {
    const tried = await ask('install_from_catalog', { ...VELERO, namespace: ns, dryRun: true });
    assert.equal(tried.status, 'dry_run', tried.text);
    await assert.rejects(kube.get(REPOSITORY(ns)), /404/);
    const made = await ask('install_from_catalog', { ...VELERO, namespace: ns });
    assert.equal(made.status, 'created', made.text);
    assert.match(made.text, /^cluster edge: /);
    const template = await kube.get(`${ST(ns)}/velero-10-1-0`), repository = await kube.get(REPOSITORY(ns));
    assert.deepEqual(template.spec.helm.chartSpec.sourceRef, { kind: 'HelmRepository', name: 'k0rdent-catalog' });
    assert.equal(repository.metadata.labels['k0rdent.mirantis.com/managed'], 'true');
    assert.equal(repository.spec.url, 'oci://ghcr.io/k0rdent/catalog/charts');
    const again = await ask('install_from_catalog', { ...VELERO, namespace: ns });
    assert.equal(again.status, 'unchanged', again.text);
    assert.equal((await kube.get(REPOSITORY(ns))).metadata.resourceVersion, repository.metadata.resourceVersion);
  });

  await t.test('the objects by which k0rdent installs this server are as its kinds want them', async () => {
    const objects = readYaml(path.join(root, 'deploy/k0rdent/k0rdent-mcp.yaml'));
    assert.deepEqual(objects.map(({ kind }) => kind), ['HelmRepository', 'ServiceTemplate', 'MultiClusterService']);
    for (const object of objects) {
      const plural = object.kind.toLowerCase().replace(/y$/, 'ie') + 's';
      const where = object.metadata.namespace ? `namespaces/${object.metadata.namespace}/` : '';
      const answer = await kube.ask('POST', `/apis/${object.apiVersion}/${where}${plural}?dryRun=All&fieldValidation=Strict`, object);
      assert.equal(answer.status, 201, `${object.kind}: ${JSON.stringify(answer.body)}`);
    }
  });

  await t.test('what is in use stays', async () => {
    const used = await ask('delete', { app: 'cert-manager', template: 'cert-manager', version: 'v1.18.2' });
    assert.ok(used.error, used.text);
    assert.match(used.text, /is used by ClusterDeployment kcm-system\/aws-prod/);
  });

  await t.test('the last one takes the repository along; others keep theirs', async () => {
    const gone = await sure('delete', { ...VELERO, namespace: ns });
    assert.equal(gone.status, 'deleted', gone.text);
    await assert.rejects(kube.get(`${ST(ns)}/velero-10-1-0`), /404/);
    await assert.rejects(kube.get(REPOSITORY(ns)), /404/);
    assert.equal((await ask('delete', { ...VELERO, namespace: ns })).status, 'not_found');
    assert.equal((await ask('install_from_catalog', VELERO)).status, 'created');
    const one = await sure('delete', VELERO);
    assert.equal(one.status, 'deleted', one.text);
    assert.match(one.text, /HelmRepository kcm-system\/k0rdent-catalog stays/);
    await kube.get(REPOSITORY('kcm-system'));
  });
});

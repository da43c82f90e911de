// The tools around one ClusterDeployment, on the sample objects in a real API server.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, REAL_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';

const NAME = 'k0rdent.mgmt.clusterDeployments';
const real = fs.existsSync(REAL_CRDS);
const definitions = real ? [REAL_CRDS, path.join(REAL_CRDS, 'external')] : [OWN_CRDS];
const folders = real ? [FIXTURES, path.join(FIXTURES, 'external')] : [FIXTURES];

test('one cluster deployment', async (t) => {
  const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'deployments-')));
  t.after(() => cluster.stop());
  const { kube } = cluster;
  await loadCrds(kube, ...definitions);
  await loadObjects(kube, folders.flatMap(readFolder));
  const product = await Product.start(t, { cluster });
  const session = await Session.open(product, { t });
  const ask = async (tool, args) => {
    const answer = await session.client.callTool({ name: tool, arguments: { namespace: 'kcm-system', ...args } });
    return { text: answer.content[0].text, ...answer };
  };

  await t.test('get shows it with its template and Credential', async () => {
    const { structuredContent: it, text, isError } = await ask(`${NAME}.get`, { name: 'aws-prod' });
    assert.equal(isError ?? false, false, text);
    assert.equal(it.template.valid, true);
    assert.equal(it.credential.ready, true);
    assert.deepEqual(it.services.map(({ name, state }) => `${name} ${state}`), ['cert-manager Deployed', 'ingress-nginx Deployed']);
    assert.equal(it.config.region, 'eu-central-1');
    assert.match(text, /^Name: +aws-prod\n/);
  });

  await t.test('a name that is not there is answered with those that are', async () => {
    const { text, isError } = await ask(`${NAME}.get`, { name: 'aws-prd' });
    assert.equal(isError, true);
    assert.match(text, /^there is no ClusterDeployment kcm-system\/aws-prd; the nearest that are there: aws-prod, /);
  });

  await t.test('getState tells how far it is and what is wrong', async () => {
    const lost = await ask(`${NAME}.getState`, { namespace: 'team-a', name: 'azure-lost' });
    const { update } = lost.structuredContent;
    assert.equal(update.phase, 'Failed');
    assert.equal(update.terminal, undefined);
    assert.equal(update.reasons[0].type, 'CredentialReady');
    assert.match(lost.text, /Phase: +Failed/);
  });

  await t.test('detail joins what it is made of', { skip: !real && 'optional: the definitions of Cluster API are not there' }, async () => {
    const { structuredContent: it, text } = await ask(`${NAME}.detail`, { name: 'aws-prod' });
    assert.equal(it.provider, 'aws');
    assert.equal(it.controlPlane.kind, 'K0sControlPlane');
    assert.equal(it.infrastructure.kind, 'AWSCluster');
    assert.deepEqual(it.machines, { total: 0, ready: 0 });
    assert.equal(it.machineDeployments.length, 1);
    assert.equal(it.notes, undefined, text);
    const aws = await ask('k0rdent.provider.aws.clusterDeployments.detail', { name: 'aws-prod' });
    assert.equal(aws.structuredContent.aws.region, 'eu-central-1');
    const azure = await ask('k0rdent.provider.azure.clusterDeployments.detail', { name: 'aws-prod' });
    assert.match(azure.text, /is of provider aws: use k0rdent\.provider\.aws\.clusterDeployments\.detail$/);
  });

  await t.test('a subscriber follows it to its end', async () => {
    const base = '/apis/k0rdent.mirantis.com/v1beta1/namespaces/team-a/clusterdeployments';
    await kube.create(base, { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', metadata: { name: 'new' },
      spec: { template: 'azure-standalone-cp-1-0-45', credential: 'c', dryRun: false } });
    const uri = 'k0rdent://cluster-monitor/team-a/new';
    await session.subscribe(uri);
    const condition = (type, status, reason) => ({ type, status, reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' });
    const status = (...conditions) => kube.merge(`${base}/new/status`, { status: { conditions } });
    const phases = (deltas) => deltas.map(({ phase, terminal }) => (terminal ? `${phase}, the end` : phase));
    await session.got('the first update', uri, (d) => d.length === 1);
    await status(condition('HelmReleaseReady', 'Unknown', 'Progressing'), condition('Ready', 'Unknown', 'Progressing'));
    await session.got('the next', uri, (d) => d.length === 2);
    await status(condition('HelmReleaseReady', 'True', 'InstallSucceeded'), condition('Ready', 'True', 'Succeeded'));
    const deltas = await session.got('the last', uri, (d) => d.length === 3);
    assert.deepEqual(phases(deltas), ['Initializing', 'Initializing', 'Ready, the end']);
    assert.equal(deltas[0].metadata.name, 'new');
  });

  await session.terminate();
});

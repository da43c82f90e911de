// The objects of deploy/replicas for gateways, tried with the gateways' own definitions on a real API server. No gateway runs here.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster, root } from './lib/cluster.mjs';
import { loadCrds, readYaml } from './lib/fixtures.mjs';
import { goModule } from './lib/gomod.mjs';
import { helm, template } from './lib/pod.mjs';

const SETS = [
  { file: 'gateway-api.yaml', kinds: ['HTTPRoute'] },
  { file: 'envoy-gateway.yaml', kinds: ['HTTPRoute', 'HTTPRoute', 'BackendTrafficPolicy', 'BackendTrafficPolicy'] },
];
const PLURAL = { HTTPRoute: 'httproutes', BackendTrafficPolicy: 'backendtrafficpolicies' };

test('the objects for gateways are as their kinds want them', async (t) => {
  const api = goModule('sigs.k8s.io/gateway-api@v1.4.0'), envoy = goModule('github.com/envoyproxy/gateway@v1.6.0');
  if (!api || !envoy) return t.skip('optional: no go, or the gateways\' modules cannot be had');
  const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'gateways-'));
  const crds = path.join(dir, 'crds');
  fs.mkdirSync(crds);
  fs.copyFileSync(path.join(api, 'config/crd/experimental/gateway.networking.k8s.io_httproutes.yaml'), path.join(crds, 'routes.yaml'));
  fs.copyFileSync(path.join(envoy, 'charts/gateway-helm/crds/generated/gateway.envoyproxy.io_backendtrafficpolicies.yaml'), path.join(crds, 'policies.yaml'));
  const cluster = await Cluster.start(path.join(dir, 'cluster'));
  t.after(() => cluster.stop());
  const { kube } = cluster;
  await loadCrds(kube, crds);
  await kube.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'k0rdent-mcp' } });
  const attempt = (object) => kube.ask('POST', `/apis/${object.apiVersion}/namespaces/${object.metadata.namespace}/${PLURAL[object.kind]}?dryRun=All&fieldValidation=Strict`, object);
  for (const { file, kinds } of SETS) {
    const objects = readYaml(path.join(root, 'deploy/replicas', file));
    assert.deepEqual(objects.map(({ kind }) => kind), kinds);
    for (const object of objects) {
      const answer = await attempt(object);
      assert.equal(answer.status, 201, `${file}, ${object.kind} ${object.metadata.name}: ${JSON.stringify(answer.body)}`);
    }
  }
  if (helm()) {
    const [route] = template('mcp', 'k0rdent-mcp', path.join(root, 'test/chart/values/gateway.yaml')).filter(({ kind }) => kind === 'HTTPRoute');
    assert.equal((await attempt(route)).status, 201, 'the chart\'s');
  }
  const [route] = readYaml(path.join(root, 'deploy/replicas/gateway-api.yaml'));
  route.spec.rules[1].sessionPersistence.nosuch = true;
  assert.equal((await attempt(route)).status, 400, 'a definition that refuses');
});

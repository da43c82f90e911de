// What one may do changes while one watches: rights that go and come back, a token file that is rotated.
// The API server is this file's own: it is restarted to forget tokens.
import path from 'node:path';
import fs from 'node:fs';
import os from 'node:os';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Proxy } from './lib/proxy.mjs';
import { openBoth } from './lib/eras.mjs';
import { Session, brief, eventsUri } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';

const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'rights-'));
const cluster = await Cluster.start(dir);
const { kube } = cluster;
const proxy = await (await Proxy.to(cluster.url)).open();
after(async () => {
  await proxy.close();
  await cluster.stop();
});

/** A forbidden watch is asked for slowly. */
const RECOVERY_MS = 75_000;
const mark = (name) => (deltas) => deltas.some((delta) => delta.event?.name === name);
const told = (deltas) => brief(deltas.filter((delta) => /^(ADDED|MODIFIED|DELETED)$/.test(delta.action)));

/** A kubeconfig whose user's token is in a file beside it, replaced as a kubelet does. */
function withTokenFile(name, token) {
  const at = path.join(dir, name);
  fs.mkdirSync(at, { recursive: true });
  const write = (content) => {
    fs.writeFileSync(path.join(at, 'token.new'), content, { mode: 0o600 });
    fs.renameSync(path.join(at, 'token.new'), path.join(at, 'token'));
  };
  write(token);
  const file = path.join(at, 'kubeconfig');
  fs.writeFileSync(file, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: proxy.url, 'certificate-authority': cluster.ca } }],
    users: [{ name: 'u', user: { tokenFile: 'token' } }],
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
  }), { mode: 0o600 });
  return { file, write };
}

test('rights that are taken away while one watches are told; given back, the watch goes on and nothing is missing', async (t) => {
  const ns = await kube.namespace('rights');
  await kube.grant(ns, 'alice', READ_EVENTS);
  const product = await Product.start(t, { cluster, url: proxy.url, env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const sessions = await openBoth(product, { t, token: cluster.tokens.alice });
  const uri = eventsUri(ns);
  for (const session of sessions) await session.subscribe(uri);
  await kube.coreEvent(ns, 'before');
  for (const session of sessions) await session.got('the first', uri, mark('before'));

  const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/rolebindings`;
  for (const binding of (await kube.get(bindings)).items) await kube.delete(`${bindings}/${binding.metadata.name}`);
  proxy.cut(); // a watch is authorized when it starts
  for (const session of sessions) {
    await session.got('that it may not', uri, (deltas) => deltas.some((delta) =>
      delta.action === 'ERROR' && /forbidden/i.test(delta.event?.message ?? '')), RECOVERY_MS);
  }
  await kube.coreEvent(ns, 'meanwhile');
  await kube.deleteEvent(ns, 'before');
  for (const session of sessions) assert.ok(!mark('meanwhile')(session.deltas(uri)), 'what one may not see is not told');

  await kube.grant(ns, 'alice', READ_EVENTS);
  for (const session of sessions) await session.got('what happened meanwhile', uri, mark('meanwhile'), RECOVERY_MS);
  await kube.coreEvent(ns, 'after');
  for (const session of sessions) {
    const deltas = await session.got('what came after', uri, mark('after'), RECOVERY_MS);
    assert.deepEqual(told(deltas).sort(), ['ADDED after', 'ADDED before', 'ADDED meanwhile', 'DELETED before']);
    await session.terminate();
  }
});

test('a rotated token is used from then on, and no subscriber notices', async (t) => {
  const ns = await kube.namespace('rotated');
  await kube.grant(ns, 'alice', READ_EVENTS);
  const config = withTokenFile('rotated', cluster.tokens.alice);
  const product = await Product.start(t, { kubeconfig: config.file });
  const session = await Session.open(product, { t });
  const uri = eventsUri(ns);
  await session.subscribe(uri);
  await kube.coreEvent(ns, 'before');
  await session.got('the first', uri, mark('before'));

  config.write(`${cluster.tokens.aliceAgain}\n`);
  cluster.writeTokens({ without: ['alice'] });
  await proxy.refuse();
  proxy.cut();
  await cluster.killServer();
  await cluster.startServer(); // the old token is unknown to it
  await proxy.open();
  try {
    await kube.coreEvent(ns, 'after');
    const deltas = await session.got('what came after', uri, mark('after'), RECOVERY_MS);
    assert.deepEqual(told(deltas), ['ADDED before', 'ADDED after']);
    assert.ok(!deltas.some((delta) => /unauthorized/i.test(delta.event?.message ?? '')), 'a rotation is no refusal');
  } finally {
    cluster.writeTokens();
  }
  await session.terminate();
});

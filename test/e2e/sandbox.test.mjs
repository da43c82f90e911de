// The program with as little as it needs: an empty root, no capability, no new privileges, little memory, --sandbox; and what is left of
// callers' tokens when nothing of theirs is left.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product, SANDBOX, binary, invoke } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';
import { found, unreadable } from './lib/memory.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
const NS = await kube.namespace('sandbox');
const root = process.getuid() === 0;
const statusOf = (pid) => Object.fromEntries(fs.readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n').map((line) => line.split(/:\s*/)));
const dynamic = fs.readFileSync(binary).subarray(0, 4096).includes('ld-linux');
const LIMIT = 32 << 20;

test('it serves in an empty root, without a capability, in 32 MB', { skip: dynamic && 'optional: the program needs shared libraries' }, async (t) => {
  const dir = fs.mkdtempSync(path.join(cluster.dir, 'empty-'));
  fs.copyFileSync(binary, path.join(dir, 'k0rdent-mcp'));
  const user = cluster.claimUser();
  fs.writeFileSync(path.join(dir, 'kubeconfig'), JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }], users: [{ name: 'u', user: { token: user.token } }],
    clusters: [{ name: 'c', cluster: { server: cluster.url, 'certificate-authority-data': fs.readFileSync(cluster.ca).toString('base64') } }],
  }));
  fs.chmodSync(path.join(dir, 'kubeconfig'), 0o444);
  fs.chmodSync(dir, 0o555);
  // Of another user, who owns nothing there; without root in a user namespace, in which a program that is started has no capability.
  const away = root ? ['--setgid', '65534', '--setuid', '65534'] : ['--user'];
  const product = await Product.start(t, {
    cluster, kubeconfig: '/kubeconfig', args: SANDBOX,
    wrap: ['setpriv', '--no-new-privs', 'prlimit', `--as=${LIMIT}`, 'unshare', ...away, `--root=${dir}`, '/k0rdent-mcp'],
  });
  const status = statusOf(product.child.pid);
  assert.match(status.CapEff, /^0+$/);
  assert.match(status.CapPrm, /^0+$/);
  assert.equal(status.NoNewPrivs, '1');
  assert.equal(status.Seccomp, '2', 'the filter is on');
  if (root) assert.equal(fs.readlinkSync(`/proc/${product.child.pid}/root`), dir);
  const session = await Session.open(product, { t });
  const uri = `k0rdent://events/${NS}`;
  await session.subscribe(uri);
  await kube.coreEvent(NS, 'seen');
  await session.got('the event', uri, (deltas) => deltas.some(({ event }) => event?.name === 'seen'));
  const { namespaces } = (await session.client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} })).structuredContent;
  assert.ok(namespaces.some(({ name }) => name === NS));
  assert.equal((await product.get('/metrics')).status, 200, 'without /proc, too');
  assert.ok(product.log.some(({ msg }) => msg === 'sandboxed'));
  await session.terminate();
});

test('a kubeconfig that starts a program is refused with --sandbox, and nothing is started', async () => {
  const file = path.join(cluster.dir, 'exec.yaml'), started = path.join(cluster.dir, 'exec-started');
  fs.writeFileSync(file, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [started], interactiveMode: 'Never' } } }],
    clusters: [{ name: 'c', cluster: { server: cluster.url, 'certificate-authority': cluster.ca } }],
  }));
  const end = await invoke(['serve', '--listen', '127.0.0.1:0', '--kubeconfig', file, '--sandbox']);
  assert.equal(end.code, 1);
  assert.match(end.stderr, /user u gets its credentials from a program \(exec: \S*touch\), and --sandbox lets no program be started/);
  assert.equal(fs.existsSync(started), false);
});

test('no data of a Secret that was written stays in memory', { skip: unreadable }, async (t) => {
  const rules = path.join(cluster.dir, 'secrets.yaml');
  fs.writeFileSync(rules, 'rules: [{effect: allow, verbs: [get, write], kinds: [secrets]}]\n');
  const product = await Product.start(t, { cluster, args: ['--allow-writes', '--confirm', 'never', '--policy-file', rules] });
  const planted = `planted-${'y'.repeat(24)}-5e2f`, encoded = Buffer.from(planted).toString('base64');
  const session = await Session.open(product, { t });
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted', namespace: NS }, stringData: { password: planted } });
  for (const dryRun of [true, false]) {
    const result = await session.client.callTool({ name: 'k0rdent.mgmt.objects.apply', arguments: { manifest, dryRun } });
    assert.ok(!result.isError, result.content[0].text);
    assert.ok(!JSON.stringify(result).includes(planted));
  }
  const left = () => found(product.child.pid, { planted, encoded });
  await until(() => `nothing to be left:\n${left().join('\n')}`, () => left().length === 0, { ms: 20_000, every: 500 });
});

test('no token stays in memory, in the log, in arguments or in metrics', { skip: unreadable }, async (t) => {
  const product = await Product.start(t, { cluster, env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const wrong = `wrong-${'x'.repeat(20)}-token-7c1e`, { alice } = cluster.tokens;
  await kube.grant(NS, 'alice', READ_EVENTS);
  const session = await Session.open(product, { t, token: alice });
  const uri = `k0rdent://events/${NS}`;
  await session.subscribe(uri);
  await kube.coreEvent(NS, 'for-alice');
  await session.got('the event', uri, (deltas) => deltas.some(({ event }) => event?.name === 'for-alice'));
  await session.client.callTool({ name: 'k0rdent.mgmt.events.list', arguments: { namespace: NS } });
  await assert.rejects(Session.open(product, { t, token: wrong }));
  assert.ok(found(product.child.pid, { alice }).length > 0, 'the search finds a token that is in use');
  await session.terminate();
  await session.close();
  // The watch ends with its last subscriber; nothing else of the caller's is left then. A verdict is kept by the token's hash.
  const left = () => found(product.child.pid, { alice, wrong });
  await until(() => `no token to be left:\n${left().join('\n')}`, () => left().length === 0, { ms: 20_000, every: 500 });
  const pages = (await Promise.all(['/metrics', '/healthz?verbose', '/readyz'].map(async (page) => (await product.get(page)).text))).join('');
  const outputs = { log: fs.readFileSync(product.logFile, 'utf8'), arguments: fs.readFileSync(`/proc/${product.child.pid}/cmdline`, 'latin1'), environment: fs.readFileSync(`/proc/${product.child.pid}/environ`, 'latin1'), pages };
  for (const [where, text] of Object.entries(outputs)) {
    for (const token of [alice, wrong, product.user.token]) assert.ok(!text.includes(token), `a token is in the ${where}`);
  }
});

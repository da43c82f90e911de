// The command line, the configuration's precedence, health, and starting without a cluster.
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Product, invoke } from './lib/product.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Session } from './lib/mcp.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());
const harness = { token: cluster.tokens.harness };
const good = cluster.kubeconfig(harness);
const oneLine = (text) => text.trim().split('\n').length === 1;

test('version says its version and exits 0', async () => {
  const { code, stdout } = await invoke(['version']);
  assert.equal(code, 0);
  assert.match(stdout, /\S/);
});

test('--help exits 0 everywhere and names the flags', async () => {
  for (const args of [['--help'], ['serve', '--help'], ['check', '--help'], ['version', '--help']]) {
    const { code, stdout } = await invoke(args);
    assert.equal(code, 0, args.join(' '));
    assert.match(stdout, /usage/i);
  }
  const { stdout } = await invoke(['serve', '--help']);
  for (const flag of ['--listen', '--kubeconfig', '--context', '--log-level', '--log-format', '--pid-file', '--drain-timeout']) {
    assert.ok(stdout.includes(flag), flag);
  }
});

test('an unknown flag, value or command is one line that names it and the nearest right one, exit 2', async () => {
  for (const [args, ...words] of [
    [['serve', '--lisen', '127.0.0.1:0'], '--lisen', '--listen'],
    [['serve', '--kube-config', 'x'], '--kube-config', '--kubeconfig'],
    [['serve', '--log-level', 'debgu'], 'debgu', 'debug'],
    [['serve', '--log-format', 'jsn'], 'jsn', 'json'],
    [['serve', '--drain-timeout', 'soon'], '--drain-timeout', 'soon'],
    [['serve', '--listen', 'nowhere'], '--listen', 'nowhere'],
    [['serv'], 'serv', 'serve'],
    [['chekc'], 'chekc', 'check'],
  ]) {
    const { code, stderr } = await invoke(args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.ok(oneLine(stderr), stderr);
    for (const word of words) assert.ok(stderr.includes(word), `${args.join(' ')}: ${stderr}`);
  }
});

test('a bad variable is refused by its name', async () => {
  const { code, stderr } = await invoke(['serve', '--kubeconfig', good], { env: { K0RDENT_MCP_DRAIN_TIMEOUT: 'soon' } });
  assert.equal(code, 2);
  assert.ok(oneLine(stderr), stderr);
  assert.match(stderr, /K0RDENT_MCP_DRAIN_TIMEOUT/);
  assert.match(stderr, /soon/);
});

test('check exits 0 where all is well and 1 where the API server cannot be reached or says no, and tells why', async () => {
  const fine = await invoke(['check', '--kubeconfig', good]);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  assert.ok((fine.stdout + fine.stderr).includes(cluster.url), 'says which API server');
  const nobody = await Proxy.to(cluster.url);
  const down = await invoke(['check', '--kubeconfig', cluster.kubeconfig(harness, { url: nobody.url })]);
  assert.equal(down.code, 1);
  assert.match(down.stdout + down.stderr, /refused/i);
  const stranger = await invoke(['check', '--kubeconfig', cluster.kubeconfig({ token: 'no-such-token' })]);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stdout + stranger.stderr, /unauthori[sz]ed|401|token/i);
  const missing = await invoke(['check', '--kubeconfig', '/nonexistent/kubeconfig']);
  assert.equal(missing.code, 1);
  assert.match(missing.stdout + missing.stderr, /\/nonexistent\/kubeconfig/);
});

test('an API server with another certificate is refused', async () => {
  const file = cluster.kubeconfig(harness);
  const other = path.join(cluster.dir, 'other-ca.crt');
  fs.copyFileSync(`${cluster.pki}/admin.crt`, other); // a certificate, but not the one that signed the server's
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(cluster.ca, other));
  const { code, stdout, stderr } = await invoke(['check', '--kubeconfig', file]);
  assert.equal(code, 1);
  assert.match(stdout + stderr, /certificate|verif/i);
});

test('flag beats variable beats the original\'s variable, and relative paths in a kubeconfig are relative to it', async (t) => {
  const file = path.join(cluster.dir, 'relative.kubeconfig');
  fs.writeFileSync(file, fs.readFileSync(good, 'utf8').replace(cluster.ca, path.relative(cluster.dir, cluster.ca)));
  const ok = await invoke(['check'], { env: { K0RDENT_MGMT_KUBECONFIG_PATH: file, KUBECONFIG: '/nonexistent/one' } });
  assert.equal(ok.code, 0, ok.stdout + ok.stderr);
  const list = await invoke(['check'], { env: { KUBECONFIG: `/nonexistent/one:${file}` } });
  assert.equal(list.code, 0, list.stdout + list.stderr);
  const variable = await invoke(['check'], { env: { K0RDENT_MCP_KUBECONFIG: '/nonexistent/two', KUBECONFIG: file } });
  assert.equal(variable.code, 1);
  const flag = await invoke(['check', '--kubeconfig', file], { env: { K0RDENT_MCP_KUBECONFIG: '/nonexistent/two' } });
  assert.equal(flag.code, 0, flag.stdout + flag.stderr);
  const context = await invoke(['check', '--kubeconfig', file, '--context', 'nope']);
  assert.equal(context.code, 1);
  assert.match(context.stdout + context.stderr, /nope/);
});

test('/healthz is 200 and says the version, /readyz is 200 once the API server was reached', async (t) => {
  const product = await Product.start(t, { cluster });
  for (const probe of ['/healthz', '/readyz']) {
    const { status, headers, json } = await product.get(probe);
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^application\/json/);
    assert.ok(json.version, `${probe} says the version`);
    assert.equal((await product.ask('HEAD', probe)).status, 200);
  }
  assert.equal((await product.get('/healthz')).json.status, 'ok');
});

test('without an API server it starts, is alive, is not ready and says why; when one appears it becomes ready', async (t) => {
  const proxy = await Proxy.to(cluster.url);
  const product = await Product.start(t, { cluster, url: proxy.url, ready: false });
  assert.equal((await product.get('/healthz')).status, 200);
  const { status, json } = await product.get('/readyz');
  assert.equal(status, 503);
  assert.match(JSON.stringify(json), /API server|cluster|kube/i);
  const session = await Session.open(product, { t });
  assert.ok((await session.client.listTools()).tools.length > 0, 'what needs no cluster works');
  assert.match(await session.refusal('k0rdent.mgmt.namespaces.list', {}), /refused|connect|reach/i);
  await proxy.open();
  await product.ready();
  assert.ok((await session.call('k0rdent.mgmt.namespaces.list')).namespaces.length > 0);
  await session.terminate();
  t.after(() => proxy.close());
});

test('a pid file is written where asked, and removed at the end', async (t) => {
  const file = path.join(cluster.dir, `pid-${process.pid}`);
  const product = await Product.start(t, { cluster, args: ['--pid-file', file] });
  assert.equal(Number(fs.readFileSync(file, 'utf8')), product.child.pid);
  product.signal('SIGTERM');
  assert.equal((await product.ended()).code, 0);
  assert.ok(!fs.existsSync(file));
});

test('a taken port is a clear error, not a server without one', async (t) => {
  const product = await Product.start(t, { cluster });
  const { code, stderr } = await invoke(['serve', '--listen', `127.0.0.1:${product.port}`, '--kubeconfig', good]);
  assert.ok(code > 0, `exit ${code}`);
  assert.match(stderr, /in use/i);
  assert.ok(stderr.includes(String(product.port)));
});

test('beyond loopback it listens only with OIDC_REQUIRED, or when told in so many words', async (t) => {
  for (const listen of ['0.0.0.0:0', '[::]:0']) {
    const { code, stderr } = await invoke(['serve', '--listen', listen, '--kubeconfig', good]);
    assert.ok(code > 0, `${listen}: exit ${code}`);
    assert.match(stderr, /OIDC_REQUIRED/);
    assert.match(stderr, /DEV_ALLOW_ANY/);
  }
  const plain = await invoke(['serve', '--listen', '0.0.0.0:0', '--auth-mode', 'OIDC_REQUIRED', '--kubeconfig', good]);
  assert.equal(plain.code, 2, plain.stderr);
  assert.match(plain.stderr, /--behind-tls-proxy/);
  for (const mode of ['OIDC_REQUIRED', 'DEV_ALLOW_ANY']) {
    const product = await Product.start(t, { cluster, host: '0.0.0.0', env: { AUTH_MODE: mode }, args: ['--behind-tls-proxy'] });
    assert.equal((await product.get('/healthz')).status, 200);
  }
});

test('start is serve, and so is no command', async (t) => {
  for (const args of [['start'], []]) {
    const proxy = await Proxy.to(cluster.url); // a port that is free
    const run = invoke([...args, '--listen', `127.0.0.1:${proxy.port}`, '--kubeconfig', good, '--log-format', 'json'], { ms: 1500 });
    let alive = false;
    for (let i = 0; i < 60 && !alive; i++) {
      alive = await fetch(`http://127.0.0.1:${proxy.port}/healthz`).then((answer) => answer.status === 200, () => false);
      if (!alive) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(alive, args.join(' '));
    await run;
  }
});

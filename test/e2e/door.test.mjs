// The listeners as their clients meet them: TLS with the clients of others, Unix sockets, sockets that another process passes, and the listener of
// health and metrics.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Cluster } from './lib/cluster.mjs';
import { Product, SANDBOX, binary, invoke } from './lib/product.mjs';
import { run, start } from './lib/proc.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
test.after(() => cluster.kube.close());
const here = path.dirname(fileURLToPath(import.meta.url));
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR || '/tmp', 'door-'));
test.after(() => fs.rmSync(dir, { recursive: true, force: true }));
const at = (name) => path.join(dir, name);

// ---- a private authority

const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
run('openssl', ['req', '-x509', ...ec, '-days', '2', '-subj', '/CN=door authority', '-keyout', at('ca.key'), '-out', at('ca.crt')]);
let serial = 1;
/** A certificate and its key in one directory, as a Secret is mounted: {cert, key, number}. */
function sign(name, subject, extensions) {
  const into = at(`${name}-${serial}`);
  fs.mkdirSync(into);
  const [csr, ext] = [path.join(into, 'csr'), path.join(into, 'ext')];
  const made = { dir: into, cert: path.join(into, 'tls.crt'), key: path.join(into, 'tls.key'), number: (++serial).toString(16).padStart(2, '0').toUpperCase() };
  fs.writeFileSync(ext, extensions);
  run('openssl', ['req', ...ec, '-subj', subject, '-keyout', made.key, '-out', csr]);
  run('openssl', ['x509', '-req', '-days', '2', '-in', csr, '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-set_serial', `0x${made.number}`, '-extfile', ext, '-out', made.cert]);
  return made;
}
const forServer = () => sign('server', '/CN=k0rdent-mcp', 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n');
const server = forServer();
const alice = sign('alice', '/O=dev/O=ops/CN=alice', 'extendedKeyUsage=clientAuth\n');

const tlsArgs = (pair = server) => ['--tls-cert-file', pair.cert, '--tls-key-file', pair.key];
const tls = (t, more = [], options = {}) => Product.start(t, { cluster, ready: false, args: [...tlsArgs(), ...more], ...options });
const curl = (...args) => {
  const done = spawnSync('curl', ['-sS', '--max-time', '15', '-w', '\n%{http_code}', ...args], { encoding: 'utf8' });
  const lines = done.stdout.split('\n');
  return { exit: done.status, stderr: done.stderr, status: Number(lines.pop()), text: lines.join('\n') };
};
const initialize = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } } });
const json = ['-H', 'Content-Type: application/json', '-H', 'Accept: application/json, text/event-stream'];
const sClient = (port, ...args) => spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', at('ca.crt'), ...args], { input: 'Q\n', encoding: 'utf8', timeout: 15_000 });

// ---- TLS

test('curl and openssl speak TLS 1.2 and 1.3 with it, and nothing weaker', async (t) => {
  const product = await tls(t);
  for (const version of ['1.2', '1.3']) {
    const answer = curl('--cacert', at('ca.crt'), `--tlsv${version}`, '--tls-max', version, `https://localhost:${product.port}/healthz`);
    assert.equal(answer.status, 200, `${version}: ${answer.stderr}`);
  }
  const begun = curl('--cacert', at('ca.crt'), ...json, '-d', initialize, `https://127.0.0.1:${product.port}/mcp`);
  assert.equal(begun.status, 200, begun.stderr);
  assert.equal(curl('--cacert', cluster.ca, `https://localhost:${product.port}/healthz`).exit, 60, 'another authority does not vouch for it');
  const said = (...args) => { const { stdout, stderr } = sClient(product.port, ...args); return stdout + stderr; };
  assert.match(said('-tls1_2'), /Cipher is ECDHE-ECDSA-(AES\d+-GCM|CHACHA20)/);
  assert.match(said('-alpn', 'h2,http/1.1'), /ALPN protocol: http\/1\.1/);
  assert.match(said('-servername', 'some.other.name'), /Verify return code: 0/);
  for (const [what, ...args] of [
    ['TLS 1.1', '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'],
    ['CBC', '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384'],
    ['no forward secrecy', '-tls1_2', '-cipher', 'AES128-GCM-SHA256'],
    ['h2 alone', '-alpn', 'h2'],
  ]) assert.match(said(...args), /alert|no protocols available|Cipher is \(NONE\)/i, what);
  // A client that renegotiates gets no second handshake.
  const again = spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${product.port}`, '-tls1_2'], { input: 'R\n', encoding: 'utf8', timeout: 15_000 });
  assert.match(again.stdout + again.stderr, /no renegotiation|RENEGOTIATING/);
  assert.equal(curl('--cacert', at('ca.crt'), `https://localhost:${product.port}/healthz`).status, 200, 'it goes on');
});

test('the official client works over TLS with a private authority', async (t) => {
  const product = await tls(t);
  const program = `
    import { Client } from '@modelcontextprotocol/sdk/client/index.js';
    import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
    const client = new Client({ name: 'over TLS', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(process.env.URL)));
    const { tools } = await client.listTools();
    const answer = await client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} });
    console.log(JSON.stringify({ tools: tools.length, isError: answer.isError ?? false }));
    await client.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program],
    { cwd: here, env: { ...process.env, NODE_EXTRA_CA_CERTS: at('ca.crt'), URL: `https://localhost:${product.port}/mcp` }, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
  const { tools, isError } = JSON.parse(out);
  assert.ok(tools > 5);
  assert.equal(isError, false);
});

test('plain HTTP to the TLS port is told so, and TLS to a plain port is closed and logged once', async (t) => {
  const product = await tls(t);
  const plain = curl(`http://127.0.0.1:${product.port}/mcp`);
  assert.equal(plain.status, 400, plain.stderr);
  assert.match(plain.text, /This port speaks TLS/);
  const other = await Product.start(t, { cluster });
  for (let i = 0; i < 3; ++i) assert.notEqual(curl('-k', `https://127.0.0.1:${other.port}/mcp`).exit, 0);
  const said = () => other.log.filter((entry) => /speaks TLS/.test(entry.msg ?? '')).length;
  await until('it to be logged', () => said() > 0);
  assert.equal((await other.get('/healthz')).status, 200);
  assert.equal(said(), 1);
});

test('with --tls-client-ca-file only certificates of that authority get in, each as its own caller', async (t) => {
  const product = await tls(t, ['--tls-client-ca-file', at('ca.crt')]);
  const url = `https://localhost:${product.port}/mcp`;
  const without = curl('--cacert', at('ca.crt'), ...json, '-d', initialize, url);
  assert.equal(without.status, 0, 'no answer');
  const foreign = curl('--cacert', at('ca.crt'), '--cert', `${cluster.pki}/admin.crt`, '--key', `${cluster.pki}/admin.key`, ...json, '-d', initialize, url);
  assert.equal(foreign.status, 0, 'signed by another authority');
  const own = curl('--cacert', at('ca.crt'), '--cert', alice.cert, '--key', alice.key, ...json, '-d', initialize, url);
  assert.equal(own.status, 200, own.stderr);
  const session = await until('the session to be logged', () => product.log.find((entry) => entry.msg === 'session started'));
  assert.match(session.identity, /^own:cert:alice\/[0-9a-f]{32}$/);
});

test('with auth=CLIENT_CERT the API server sees the user of the certificate, and never one of system:', async (t) => {
  const product = await tls(t, ['--tls-client-ca-file', at('ca.crt'), '--auth-mode', 'CLIENT_CERT']);
  const revision = '2026-07-28';
  const _meta = { 'io.modelcontextprotocol/protocolVersion': revision, 'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
  const name = 'k0rdent.mgmt.namespaces.list';
  const call = ({ cert, key }) => curl('--cacert', at('ca.crt'), '--cert', cert, '--key', key, ...json, '-H', `MCP-Protocol-Version: ${revision}`, '-H', 'Mcp-Method: tools/call', '-H', `Mcp-Name: ${name}`,
    '-d', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta } }), `https://localhost:${product.port}/mcp`);
  const hers = call(alice);
  assert.equal(hers.status, 200, hers.text);
  assert.match(hers.text, /\"isError\":true|"isError":true/);
  assert.match(hers.text, /alice/, 'the API server names the user that it refused');
  const master = call(sign('master', '/O=system:masters/CN=mallory', 'extendedKeyUsage=clientAuth\n'));
  assert.equal(master.status, 403, master.text);
});

test('a certificate is rotated under load without a failed request, by a swap of symbolic links', async (t) => {
  // As kubelet mounts a Secret: tls.crt → ..data/tls.crt, ..data → ..1.
  const mount = at('mount');
  fs.mkdirSync(mount);
  const point = (pair) => {
    fs.symlinkSync(pair.dir, path.join(mount, '..new'));
    fs.renameSync(path.join(mount, '..new'), path.join(mount, '..data'));
  };
  point(server);
  for (const name of ['tls.crt', 'tls.key']) fs.symlinkSync(`..data/${name}`, path.join(mount, name));
  const product = await Product.start(t, { cluster, ready: false, args: tlsArgs({ cert: path.join(mount, 'tls.crt'), key: path.join(mount, 'tls.key') }) });
  const serving = () => /serial=([0-9A-F]+)/.exec(run('openssl', ['x509', '-noout', '-serial'], { input: sClient(product.port).stdout }))[1];
  assert.equal(serving(), server.number);
  // Two clients that make a new connection for each request, in processes of their own.
  const answers = [];
  const clients = [1, 2].map(() => {
    const child = start('/bin/sh', ['-c', 'while :; do curl -sS --max-time 10 --cacert "$1" -o /dev/null -w "%{http_code}\\n" "$2" 2>&1; done', 'sh', at('ca.crt'), `https://localhost:${product.port}/healthz`],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      answers.push(...lines);
    });
    return child;
  });
  t.after(() => clients.forEach((child) => child.kill('SIGKILL')));
  await until('the load to begin', () => answers.length > 5);
  const fresh = forServer();
  // A key that does not fit is refused, said, and changes nothing.
  const broken = { dir: at('broken') };
  fs.mkdirSync(broken.dir);
  fs.copyFileSync(fresh.cert, path.join(broken.dir, 'tls.crt'));
  fs.copyFileSync(alice.key, path.join(broken.dir, 'tls.key'));
  point(broken);
  product.child.kill('SIGHUP');
  await until('the bad pair to be refused', () => product.log.some((entry) => /the former ones are kept/.test(entry.msg ?? '')));
  assert.equal(serving(), server.number);
  point(fresh);
  product.child.kill('SIGHUP');
  await until('the new certificate to be served', () => serving() === fresh.number);
  const before = answers.length;
  await until('the load to go on', () => answers.length > before + 5);
  for (const child of clients) child.kill('SIGTERM');
  await Promise.all(clients.map((child) => child.exited));
  assert.deepEqual(answers.filter((answer) => answer !== '200'), []);
});

// certbot: live/HOST/fullchain.pem → ../../archive/HOST/fullchain1.pem, which a renewal makes fullchain2.pem.
test('inside the sandbox a certificate is renewed whose symbolic link leads to another directory', async (t) => {
  const [live, archive] = ['live', 'archive'].map((name) => at(`certbot/${name}/host`));
  for (const one of [live, archive]) fs.mkdirSync(one, { recursive: true });
  const files = { cert: path.join(live, 'fullchain.pem'), key: path.join(live, 'privkey.pem') };
  const renew = (pair, n) => {
    for (const [part, link] of Object.entries(files)) {
      const name = path.basename(link).replace('.pem', `${n}.pem`);
      fs.copyFileSync(pair[part], path.join(archive, name));
      fs.rmSync(link, { force: true });
      fs.symlinkSync(`../../archive/host/${name}`, link);
    }
  };
  renew(server, 1);
  const product = await Product.start(t, { cluster, ready: false, args: [...tlsArgs(files), ...SANDBOX] });
  const fresh = forServer();
  renew(fresh, 2);
  product.child.kill('SIGHUP');
  const serving = () => /serial=([0-9A-F]+)/.exec(run('openssl', ['x509', '-noout', '-serial'], { input: sClient(product.port).stdout }))[1];
  await until('the new certificate to be served', () => serving() === fresh.number);
  assert.ok(!product.log.some(({ level }) => level === 'ERROR'));
});

// ---- Unix sockets

test('a Unix socket serves its user, whom the kernel names; its file has the mode and goes with the server', async (t) => {
  const file = at('mcp.sock');
  const product = await Product.start(t, { cluster, args: ['--listen', `unix:${file},mode=0660,auth=DEV_ALLOW_ANY`] });
  assert.equal(fs.statSync(file).mode & 0o777, 0o660);
  const begun = curl('--unix-socket', file, ...json, '-d', initialize, 'http://whatever/mcp');
  assert.equal(begun.status, 200, begun.stderr + begun.text);
  const session = await until('the session to be logged', () => product.log.find((entry) => entry.msg === 'session started'));
  assert.equal(session.identity, `unix:${process.getuid()}`);
  const second = await invoke(['serve', '--listen', `unix:${file}`, '--kubeconfig', cluster.kubeconfig(cluster.claimUser())]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /a server listens there/);
  await product.stop();
  assert.ok(!fs.existsSync(file), 'removed at the end');
});

test('the file that a crash leaves is replaced', async (t) => {
  const file = at('crash.sock');
  const args = ['--listen', `unix:${file}`];
  const first = await Product.start(undefined, { cluster, args });
  first.child.kill('SIGKILL');
  await first.exited;
  assert.ok(fs.existsSync(file));
  await Product.start(t, { cluster, args });
  assert.equal(curl('--unix-socket', file, 'http://x/healthz').status, 200);
});

test('each listener has its own auth mode', async (t) => {
  const file = at('modes.sock');
  const product = await Product.start(t, { cluster, env: { AUTH_MODE: 'OIDC_REQUIRED' }, args: ['--listen', `unix:${file},auth=DEV_ALLOW_ANY`] });
  assert.equal((await product.post(JSON.parse(initialize))).status, 401);
  assert.equal(curl('--unix-socket', file, ...json, '-d', initialize, 'http://x/mcp').status, 200);
});

// ---- socket activation

test('sockets that another process passes are served, as systemd passes them', async (t) => {
  const listening = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address();
  const child = start('/bin/sh', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=mcp exec "$0" "$@"', binary, 'serve', '--log-format', 'json', '--kubeconfig', cluster.kubeconfig(cluster.claimUser())],
    { stdio: ['ignore', 'ignore', 'inherit', listening._handle.fd] });
  t.after(async () => { child.kill('SIGTERM'); await child.exited; });
  listening.close();
  await until('the passed socket to be served', () => curl(`http://127.0.0.1:${port}/readyz`).status === 200);
  const named = await invoke(['serve', '--listen', 'fd:other', '--kubeconfig', cluster.kubeconfig(cluster.claimUser())]);
  assert.equal(named.code, 1);
  assert.match(named.stderr, /no such socket was passed/);
});

test('what is passed and is no listening socket is an error, and no other address is opened', () => {
  const serve = (count, stdio = []) => spawnSync('/bin/sh', ['-c', `LISTEN_PID=$$ LISTEN_FDS=${count} LISTEN_FDNAMES=web exec "$0" "$@"`, binary, 'serve', '--kubeconfig', cluster.kubeconfig(cluster.claimUser())],
    { stdio: ['ignore', 'ignore', 'pipe', ...stdio], encoding: 'utf8', timeout: 10_000 });
  const nothing = fs.openSync('/dev/null');
  for (const [count, stdio, said] of [['1x', [], /LISTEN_FDS=1x must be a number of sockets, at most 64/], ['-1', [], /LISTEN_FDS=-1/], ['65', [], /LISTEN_FDS=65/],
    [2, [nothing], /LISTEN_FDS=2: descriptor 4: Bad file descriptor/], [1, [nothing], /the passed socket 3 \(web\): it is not a listening stream socket/]]) {
    const end = serve(count, stdio);
    assert.ok(end.status > 0, `${count}: ${end.status} ${end.stderr}`);
    assert.match(end.stderr, said);
  }
});

// ---- health and metrics

test('with --ops-listen health and metrics are served there, and nowhere else', async (t) => {
  const file = at('ops.sock');
  const product = await Product.start(t, { cluster, ready: false, args: ['--ops-listen', `unix:${file}`] });
  const ops = (target) => curl('--unix-socket', file, `http://x${target}`).status;
  await until('it to be ready', () => ops('/readyz') === 200);
  for (const target of ['/healthz', '/readyz', '/metrics', '/healthz?verbose']) {
    assert.equal(ops(target), 200, target);
    assert.equal((await product.get(target)).status, 404, target);
  }
  assert.equal(ops('/mcp'), 404);
  assert.equal((await product.post(JSON.parse(initialize))).status, 200);
});

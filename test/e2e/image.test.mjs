// The container image and the chart's pod: built from the program under test, checked byte by byte, run by runc without rights.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { gunzipSync } from 'node:zlib';
import { Cluster, root } from './lib/cluster.mjs';
import { Session } from './lib/mcp.mjs';
import { contain, get, haveRunc, helm, installPod, unpack } from './lib/pod.mjs';
import { binary } from './lib/product.mjs';
import { run } from './lib/proc.mjs';

// Debug information and shared libraries are the developer's; under the sanitizers the program needs both.
const dynamic = /INTERP/.test(run('readelf', ['-lW', binary])) ? 'optional: the program is linked with shared libraries, an image holds a static one' : false;
const skip = dynamic || (haveRunc() ? false : 'optional: no runc, or no seccomp profile of containers-common');
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'image-'));
const LIMIT = 9e6; // bytes, unpacked: of a program of 8.5 MB, the limit of its own
const BESIDE = 0.5e6; // bytes: certificate authorities, users, licences

const program = path.join(dir, 'k0rdent-mcp');
if (!dynamic) run('strip', ['-o', program, binary]);
const notices = path.join(dir, 'notices');
fs.mkdirSync(notices);
if (!dynamic) run('sh', ['-c', `${path.join(root, 'scripts/dist/parts.sh')} --beside >${dir}/beside && ${path.join(root, 'scripts/dist/parts.sh')} ${program} | ${path.join(root, 'scripts/dist/notices.sh')} ${notices} ${dir}/beside`]);
// Linked with other versions.
const others = path.join(dir, 'notices-arm64');
fs.cpSync(notices, others, { recursive: true });
fs.writeFileSync(path.join(others, 'THIRD-PARTY.txt'), 'of arm64\n');
function build(name, ...architectures) {
  const out = path.join(dir, name);
  const digest = run(process.execPath, [path.join(root, 'scripts/dist/image.mjs'), out, '1.2.3', 'abc', '1767225600', ...architectures.map((each) => `${each}=${program}=${each === 'arm64' ? others : notices}`)]).trim();
  return { out, digest };
}
let image; // built once for all tests but the first
const built = () => (image ??= build('image', 'amd64', 'arm64'));
const blobs = (out) => fs.readdirSync(path.join(out, 'blobs/sha256'));

test('an image is the same bytes each time', { skip: dynamic }, () => {
  const a = built(), b = build('again', 'amd64', 'arm64');
  assert.equal(a.digest, b.digest);
  run('diff', ['-r', a.out, b.out]);
});

test('each blob is what its descriptor says, in one index for both architectures', { skip: dynamic }, () => {
  const { out, digest } = built();
  const seen = [];
  const read = ({ digest: name, size }) => {
    const bytes = fs.readFileSync(path.join(out, 'blobs', name.replace(':', '/')));
    assert.equal(bytes.length, size);
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, name);
    seen.push(name.slice(7));
    return bytes;
  };
  const json = (descriptor) => JSON.parse(read(descriptor));
  const [named] = JSON.parse(fs.readFileSync(path.join(out, 'index.json'))).manifests;
  assert.equal(named.digest, digest);
  // What the chart asks for: an image that containerd or podman loads from the file must have its name.
  const { image } = parse(fs.readFileSync(path.join(root, 'deploy/chart/values.yaml'), 'utf8'));
  assert.deepEqual(named.annotations, { 'org.opencontainers.image.ref.name': '1.2.3', 'io.containerd.image.name': `${image.registry}/${image.repository}:1.2.3` });
  const { manifests } = json(named);
  assert.deepEqual(manifests.map(({ platform }) => platform), [{ architecture: 'amd64', os: 'linux' }, { architecture: 'arm64', os: 'linux' }]);
  for (const each of manifests) {
    const manifest = json(each), config = json(manifest.config);
    assert.equal(config.architecture, each.platform.architecture);
    assert.equal(config.created, '2026-01-01T00:00:00Z');
    assert.match(config.config.User, /^[1-9][0-9]*:[1-9][0-9]*$/, 'a number: Kubernetes tells runAsNonRoot by it');
    const layers = manifest.layers.map((layer) => gunzipSync(read(layer)));
    assert.deepEqual(config.rootfs.diff_ids, layers.map((layer) => `sha256:${createHash('sha256').update(layer).digest('hex')}`));
    const size = layers.reduce((sum, layer) => sum + layer.length, 0);
    assert.ok(size - fs.statSync(program).size <= BESIDE, `${size} bytes unpacked`);
    // A program for developers is larger.
    if (fs.statSync(program).size <= LIMIT - BESIDE) assert.ok(size <= LIMIT, `${size} bytes unpacked`);
  }
  assert.deepEqual([...new Set(seen)].sort(), blobs(out).sort(), 'nothing else is in the layout');
});

test('an image holds the program, certificate authorities, a user and licences', { skip: dynamic }, () => {
  const rootfs = path.join(dir, 'contents');
  const config = unpack(built().out, rootfs);
  assert.deepEqual([...config.Entrypoint, ...config.Cmd], ['/usr/bin/k0rdent-mcp', 'serve']);
  const files = run('find', ['.', '-type', 'f', '-printf', '%P %m %U\n'], { cwd: rootfs }).trim().split('\n').sort();
  assert.deepEqual(files, ['etc/group 644 0', 'etc/nsswitch.conf 644 0', 'etc/passwd 644 0', 'etc/ssl/certs/ca-certificates.crt 644 0', 'usr/bin/k0rdent-mcp 755 0', 'usr/share/doc/k0rdent-mcp/LICENSE 644 0', 'usr/share/doc/k0rdent-mcp/THIRD-PARTY.txt 644 0'].sort());
  assert.equal(run('find', ['.', '-perm', '/6000'], { cwd: rootfs }), '', 'nothing is set-uid');
  const notice = (architecture) => { const at = path.join(dir, `notices-of-${architecture}`); unpack(built().out, at, architecture); return fs.readFileSync(path.join(at, 'usr/share/doc/k0rdent-mcp/THIRD-PARTY.txt'), 'utf8'); };
  assert.equal(notice('arm64'), 'of arm64\n');
  assert.equal(notice('amd64'), fs.readFileSync(path.join(notices, 'THIRD-PARTY.txt'), 'utf8'));
  for (const words of [/^ca-certificates \S+\n {4}licence: MPL-2\.0\n {4}source: {2}Debian source package ca-certificates \S+$/m, /^ Mozilla Public License Version 2\.0$/m, /^glibc \S+$/m]) assert.match(notice('amd64'), words);
});

test('an image trusts the authorities of Debian\'s package, and none that this machine has beside them', { skip: dynamic }, () => {
  const rootfs = path.join(dir, 'trust');
  unpack(built().out, rootfs);
  const certificates = (text) => text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n/g).sort();
  const package_ = run('dpkg-query', ['-L', 'ca-certificates']).split('\n').filter((name) => /^\/usr\/share\/ca-certificates\/.*\.crt$/.test(name));
  assert.ok(package_.length > 50);
  assert.deepEqual(certificates(fs.readFileSync(path.join(rootfs, 'etc/ssl/certs/ca-certificates.crt'), 'utf8')), certificates(package_.map((name) => fs.readFileSync(name, 'utf8')).join('')));
});

test('a registry takes the image and gives it back unchanged', { skip: dynamic || (spawnSync('skopeo', ['--version']).error ? 'optional: no skopeo' : false) }, async (t) => {
  const { out, digest } = built();
  const port = await registry(t);
  const name = `docker://127.0.0.1:${port}/k0rdent/k0rdent-mcp:1.2.3`;
  const copy = (...args) => new Promise((resolve, reject) => {
    // Not synchronously: the registry is in this process.
    import('node:child_process').then(({ execFile }) => execFile('skopeo', ['--insecure-policy', 'copy', '--quiet', '--all', ...args], (error, _, stderr) => (error ? reject(new Error(stderr)) : resolve())));
  });
  await copy('--preserve-digests', '--dest-tls-verify=false', `oci:${out}:1.2.3`, name);
  const back = path.join(dir, 'pulled');
  await copy('--src-tls-verify=false', name, `oci:${back}:1.2.3`);
  assert.equal(JSON.parse(fs.readFileSync(path.join(back, 'index.json'))).manifests[0].digest, digest);
  assert.deepEqual(blobs(back).sort(), blobs(out).sort());
});

/** A registry in memory, as far as a push and a pull go (OCI distribution-spec 1.1). Returns its port. */
async function registry(t) {
  const blob = new Map(), manifest = new Map();
  const hash = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts), url = new URL(request.url, 'http://x');
    const answer = (status, headers = {}, content = '') => response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : content);
    const [, kind, name] = /\/(blobs|manifests)\/(?:uploads\/)?([^/]*)$/.exec(url.pathname) ?? [];
    if (!kind) return answer(200);
    if (request.method === 'POST') return answer(202, { location: `${url.pathname}1` });
    if (request.method === 'PATCH') { blob.set('upload', body); return answer(202, { location: url.pathname, range: `0-${body.length - 1}` }); }
    if (request.method === 'PUT' && kind === 'blobs') {
      const bytes = body.length ? body : blob.get('upload');
      if (hash(bytes) !== url.searchParams.get('digest')) return answer(400);
      blob.set(hash(bytes), bytes);
      return answer(201, { location: url.pathname });
    }
    if (request.method === 'PUT') {
      const entry = { type: request.headers['content-type'], bytes: body };
      manifest.set(name, entry).set(hash(body), entry);
      return answer(201, { 'docker-content-digest': hash(body) });
    }
    const found = kind === 'blobs' ? blob.has(name) && { type: 'application/octet-stream', bytes: blob.get(name) } : manifest.get(name);
    if (!found) return answer(404);
    return answer(200, { 'content-type': found.type, 'content-length': found.bytes.length, 'docker-content-digest': hash(found.bytes) }, found.bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  return server.address().port;
}

test('the program runs as any user, without capabilities, on a root that is read-only', { skip }, async () => {
  const rootfs = path.join(dir, 'any-user');
  const { Entrypoint } = unpack(built().out, rootfs);
  const uid = 1_000_000_000 + Math.floor(Math.random() * 1e6); // as OpenShift draws them
  const container = contain(dir, rootfs, { uid, gid: 0, args: [...Entrypoint, 'version'] });
  assert.deepEqual((await container.exited).code, 0, container.output());
  assert.match(container.output(), /^k0rdent-mcp .*\n( {2}\S+ \S+\n)+$/);
});

const cluster = Cluster.shared();
test.after(() => cluster.kube.close());
const noHelm = helm() ? false : 'optional: no helm';

/** The chart's pod with these values, running. prepare(namespace): makes what the values name. */
const installed = (t, values, prepare) => installPod(t, { cluster, chart: path.join(root, 'deploy/chart'), values, prepare, layout: built().out, dir });

test('the chart\'s pod serves callers with their rights, and has none of its own', { skip: skip || noHelm }, async (t) => {
  const pod = await installed(t, {});
  const status = pod.status();
  assert.match(status.Uid, /^65532\s/);
  assert.deepEqual([status.CapEff, status.CapBnd, status.NoNewPrivs, status.Seccomp].map(Number), [0, 0, 1, 2]);
  assert.equal(status.NSpid.split(/\s+/).at(-1), '1');
  assert.equal(await get(pod.url), 401);
  const session = await Session.open(pod, { t, token: cluster.tokens.harness });
  const { structuredContent, content } = await session.client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} });
  assert.ok(structuredContent, content[0].text);
  assert.match(pod.output(), /"source":"service account"/);
  await session.terminate();
  assert.deepEqual(await pod.stop(), { code: 0, signal: null }, pod.output());
  assert.match(pod.output(), /"shutdown: stopped"/);
});

test('with a certificate the pod speaks TLS to clients, and plain HTTP to probes', { skip: skip || noHelm }, async (t) => {
  const read = (name) => fs.readFileSync(path.join(cluster.pki, name)).toString('base64');
  const pod = await installed(t, { tls: { existingSecret: 'certificate' } }, (namespace) => cluster.kube.create(`/api/v1/namespaces/${namespace}/secrets`,
    { metadata: { name: 'certificate' }, type: 'kubernetes.io/tls', data: { 'tls.crt': read('server.crt'), 'tls.key': read('server.key') } }));
  const status = await new Promise((resolve, reject) => https.get({ host: '127.0.0.1', port: pod.url.port, path: '/mcp', ca: fs.readFileSync(cluster.ca) }, (answer) => resolve(answer.resume().statusCode)).on('error', reject));
  assert.equal(status, 401);
  assert.equal(await get(pod.url), 400, 'plain HTTP is told so');
});

test('with DEV_ALLOW_ANY the pod has the rights that the chart gave it, and no others', { skip: skip || noHelm }, async (t) => {
  const pod = await installed(t, { auth: { mode: 'DEV_ALLOW_ANY' }, rbac: { extraRules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }] } });
  const session = await Session.open(pod, { t });
  const ask = (name, args) => session.client.callTool({ name, arguments: args });
  assert.notEqual((await ask('k0rdent.mgmt.namespaces.list', {})).isError, true);
  const refused = await ask('k0rdent.mgmt.events.list', { namespace: 'default' });
  assert.equal(refused.isError, true);
  assert.match(refused.content[0].text, /forbidden/i);
});

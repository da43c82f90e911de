// The packages for arm64, run by qemu's user emulation: the program of each serves a call to the official client, as packages.test.mjs tries
// those of this machine. `make dist-check` names the folder that `make dist` filled.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Session } from './lib/mcp.mjs';
import { root } from './lib/cluster.mjs';
import { contain, haveRunc, unpack as unpackImage } from './lib/pod.mjs';
import { freePort, run, start } from './lib/proc.mjs';
import { startSim } from './lib/sim.mjs';
import { until } from './lib/wait.mjs';

const qemu = ['qemu-aarch64-static', 'qemu-aarch64'].find((each) => !spawnSync(each, ['--version']).error);
const dist = process.env.K0RDENT_MCP_DIST && path.resolve(root, process.env.K0RDENT_MCP_DIST);
const files = dist ? fs.readdirSync(dist) : [];
const skip = !dist ? 'optional: make dist packs them, make dist-check tries them' : !files.some((name) => /_arm64\.deb$/.test(name)) ? 'optional: DIST_ARCH was without arm64' : qemu ? false : 'optional: no qemu-user';
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'arm64-'));
const sim = skip ? undefined : await startSim(['--events-every', '300ms']);
after(() => sim?.stop());
// What a dynamic program is linked with: deps.sh cross has unpacked Debian's libraries.
const cache = process.env.K0RDENT_MCP_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'k0rdent-mcp');
const sysroot = path.join(cache, 'sysroot-aarch64-linux-gnu');

function packed(pattern) {
  const found = files.filter((name) => pattern.test(name));
  assert.equal(found.length, 1, `${pattern}: ${found}`);
  return path.join(dist, found[0]);
}
/** Unpacks into a folder of its own by a shell command, $1 the package: the program in it, which is one for arm64. */
function unpack(pattern, script, program) {
  const where = fs.mkdtempSync(path.join(dir, 'root-'));
  run('sh', ['-ec', script, 'sh', packed(pattern)], { cwd: where });
  const file = path.join(where, program());
  assert.match(run('readelf', ['-h', file]), /Machine: +AArch64/);
  return file;
}
const emulated = (program, ...args) => [qemu, '-L', sysroot, program, ...args];

async function serves(program) {
  const [command, ...args] = emulated(program, 'stdio', '--kubeconfig', sim.kubeconfig);
  const client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} });
  await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
  try {
    const { structuredContent } = await client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} });
    assert.deepEqual(structuredContent.namespaces.map(({ name }) => name), ['default', 'kcm-system', 'team-a']);
  } finally {
    await client.close();
  }
}
const version = () => /^k0rdent-mcp-(.*)\.server\.json$/m.exec(files.join('\n'))[1];
const archive = () => unpack(/-linux-arm64\.tar\.gz$/, 'tar xzf "$1"', () => `k0rdent-mcp-${version()}-linux-arm64/k0rdent-mcp`);

test('archive: the program serves a call', { skip }, () => serves(archive()));
test('.deb: the program, linked with Debian\'s libraries, serves a call', { skip }, async () => {
  const program = unpack(/_arm64\.deb$/, 'dpkg-deb -x "$1" .', () => 'usr/bin/k0rdent-mcp');
  assert.match(run('readelf', ['-d', program]), /NEEDED.*libssl\.so\.3/);
  assert.equal(run('dpkg-deb', ['-f', packed(/_arm64\.deb$/), 'Architecture']).trim(), 'arm64');
  await serves(program);
});
test('.rpm: the program serves a call', { skip: skip || (spawnSync('rpm', ['--version']).error ? 'optional: no rpm' : false) }, async () => {
  const script = 'mkdir all && rpm --root "$PWD/all" --dbpath /db --ignorearch --nodeps --noscripts -i "$1" && mv all/usr .';
  const program = unpack(/\.aarch64\.rpm$/, script, () => 'usr/bin/k0rdent-mcp');
  assert.equal(run('rpm', ['-qp', '--qf', '%{ARCH}', packed(/\.aarch64\.rpm$/)]), 'aarch64');
  await serves(program);
});
test('wheel: the program serves a call', { skip }, () =>
  serves(unpack(/_aarch64\.whl$/, 'python3 -m zipfile -e "$1" . && chmod 755 *.data/scripts/*', () => `k0rdent_mcp-${version()}.data/scripts/k0rdent-mcp`)));
test('npm: the package of the machine has the program, which serves a call', { skip }, async () => {
  const program = unpack(/^k0rdent-mcp-linux-arm64-.*\.npm\.tgz$/, 'tar xzf "$1"', () => 'package/k0rdent-mcp');
  const about = JSON.parse(fs.readFileSync(path.join(path.dirname(program), 'package.json'), 'utf8'));
  assert.deepEqual([about.os, about.cpu], [['linux'], ['arm64']]);
  await serves(program);
});
test('image: the index has the program of both machines, and that for arm64 serves a call', { skip }, async () => {
  const folder = fs.mkdtempSync(path.join(dir, 'image-'));
  run('tar', ['-xf', packed(/\.image\.oci\.tar$/), '-C', folder]);
  for (const [architecture, machine] of [['amd64', 'X86-64'], ['arm64', 'AArch64']]) {
    const rootfs = path.join(folder, architecture);
    unpackImage(folder, rootfs, architecture);
    assert.match(run('readelf', ['-h', path.join(rootfs, 'usr/bin/k0rdent-mcp')]), new RegExp(`Machine: .*${machine}`));
  }
  const program = path.join(folder, 'arm64/usr/bin/k0rdent-mcp');
  assert.deepEqual(fs.readFileSync(program), fs.readFileSync(archive()), 'the archive\'s');
  await serves(program);
});
test('image: as a random user without rights, run by runc with the emulator in it, it serves a call and ends at SIGTERM', { skip: skip || (haveRunc() && qemu.endsWith('-static') ? false : 'optional: no runc, or no static qemu') }, async (t) => {
  const folder = fs.mkdtempSync(path.join(dir, 'run-')), rootfs = path.join(folder, 'rootfs');
  run('tar', ['-xf', packed(/\.image\.oci\.tar$/), '-C', folder]);
  const { Entrypoint } = unpackImage(folder, rootfs, 'arm64');
  fs.copyFileSync(run('which', [qemu]).trim(), path.join(rootfs, 'emulator'));
  fs.chmodSync(path.join(rootfs, 'emulator'), 0o755);
  fs.writeFileSync(path.join(rootfs, 'kubeconfig'), fs.readFileSync(sim.kubeconfig), { mode: 0o644 });
  const port = await freePort(), uid = 100_000 + process.pid;
  const container = contain(folder, rootfs, { uid, gid: uid, args: ['/emulator', ...Entrypoint, 'serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', '/kubeconfig'] });
  t.after(() => container.stop().catch(() => {}));
  await until(() => `it to be ready: ${container.output()}`, () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false));
  const { Uid, CapEff, CapBnd, NoNewPrivs, Seccomp } = container.status();
  assert.deepEqual([Uid.split(/\s/)[0], CapEff, CapBnd, NoNewPrivs, Seccomp].map(Number), [uid, 0, 0, 1, 2]);
  const session = await Session.open({ url: new URL(`http://127.0.0.1:${port}/mcp`) }, { t });
  assert.ok((await session.call('k0rdent.mgmt.namespaces.list')).namespaces.length > 0);
  await session.terminate();
  assert.deepEqual(await container.stop(), { code: 0, signal: null });
});
test('the bill of materials has the parts that the program tells', { skip }, () => {
  const bill = JSON.parse(fs.readFileSync(packed(/-linux-arm64\.cdx\.json$/), 'utf8'));
  const [command, ...args] = emulated(archive(), 'version');
  const told = run(command, args).split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  assert.deepEqual(bill.components.map(({ name, version: has }) => `${name} ${has}`), told);
});
test('it serves over HTTP: a subscriber is told an event, and SIGTERM ends it', { skip }, async (t) => {
  const port = await freePort();
  const [command, ...args] = emulated(archive(), 'serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', sim.kubeconfig);
  const child = start(command, args, { stdio: 'ignore' }); // its log would tell of a slow machine
  t.after(() => child.kill('SIGKILL'));
  await until('it to be ready', () => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false));
  const session = await Session.open({ url: new URL(`http://127.0.0.1:${port}/mcp`) }, { t });
  await session.subscribe('k0rdent://events/kcm-system');
  await until('an event', () => session.updates.some(({ uri }) => uri === 'k0rdent://events/kcm-system'));
  await session.terminate();
  child.kill('SIGTERM');
  assert.deepEqual(await child.exited, { code: 0, signal: null });
});

// Each package of dist/: installed in a root of its own, and an MCP call made through what was installed.
// The packages are made here of the program under test; K0RDENT_MCP_DIST names a folder that `make dist` filled (make dist-check).
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Cluster, root } from './lib/cluster.mjs';
import { goModule } from './lib/gomod.mjs';
import { Session } from './lib/mcp.mjs';
import { contain, haveRunc, helm, installPod, unpack } from './lib/pod.mjs';
import { binary } from './lib/product.mjs';
import { run, start } from './lib/proc.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
test.after(() => cluster.kube.close());
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'packages-'));
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch], machine = { amd64: 'x86_64', arm64: 'aarch64' }[arch];
const LIST = { name: 'k0rdent.mgmt.namespaces.list', arguments: {} };

const needed = spawnSync(path.join(root, 'scripts/dist/nfpm.sh'), { encoding: 'utf8' }).status === 0 && !spawnSync('dpkg-shlibdeps', ['--version']).error;
const dynamic = /INTERP/.test(run('readelf', ['-lW', binary]));
const given = process.env.K0RDENT_MCP_DIST;
const skip = given ? false : dynamic ? 'optional: the release is packed, not a program for developers' : needed ? false : 'optional: no nfpm, or no dpkg-dev (scripts/deps.sh dist)';
let dist = given && path.resolve(root, given);
test.before(() => {
  if (skip || dist) return;
  const program = path.join(dir, 'program');
  run('strip', ['-o', program, binary]);
  dist = path.join(dir, 'dist');
  run(path.join(root, 'scripts/dist/dist.sh'), [dist, '1.2.3', 'abc', `${arch}=${program},${program}`], { env: { ...process.env, SOURCE_DATE_EPOCH: '1767225600' } });
});
/** The one file of dist/ that is called so. */
function packed(pattern) {
  const found = fs.readdirSync(dist).filter((name) => pattern.test(name));
  assert.equal(found.length, 1, `${pattern}: ${found}`);
  return path.join(dist, found[0]);
}
const version = () => /^k0rdent-mcp-(.*)\.server\.json$/.exec(path.basename(packed(/\.server\.json$/)))[1];
const kubeconfig = () => cluster.kubeconfig(cluster.claimUser());

/** The official client with this command as its server: a call is answered, and all of its standard output was messages. */
async function callThrough(t, command, args, { env, look = () => {} } = {}) {
  const transport = new StdioClientTransport({ command, args, env, stderr: 'pipe' });
  const errors = [];
  let said = '';
  transport.stderr.setEncoding('utf8').on('data', (part) => (said += part));
  const client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} });
  client.onerror = (error) => errors.push(error);
  t.after(() => client.close());
  await client.connect(transport).catch((error) => assert.fail(`${error}\n${said}`));
  const { structuredContent, content } = await client.callTool(LIST);
  assert.ok(structuredContent?.namespaces.length, content?.[0].text);
  await look(transport.pid);
  await client.close();
  assert.deepEqual(errors, [], said);
}

// ---- archive, .deb, .rpm ----

test('archive: unpacked, it serves a call', { skip }, async (t) => {
  run('tar', ['-xzf', packed(new RegExp(`-linux-${arch}\\.tar\\.gz$`)), '-C', dir]);
  await callThrough(t, path.join(dir, `k0rdent-mcp-${version()}-linux-${arch}`, 'k0rdent-mcp'), ['stdio', '--kubeconfig', kubeconfig()]);
});

/**
 * A shell command in a root that is this machine's, whose changes go to memory and are forgotten: dpkg sees the true packages, and nothing
 * here changes. $ROOT is that root; the folder of this run is in it at its own place.
 */
const inOverlay = (script) => ['unshare', ['--mount', 'sh', '-ec', `
  ROOT=${dir}/root
  mkdir -p $ROOT
  mount -t tmpfs tmpfs $ROOT
  mkdir $ROOT/upper $ROOT/work $ROOT/all
  mount -t overlay overlay -o lowerdir=/,upperdir=$ROOT/upper,workdir=$ROOT/work $ROOT/all
  ROOT=$ROOT/all
  for each in /dev /proc ${path.dirname(cluster.ca).replace(/\/pki$/, '')} ${dir} ${dist}; do mkdir -p $ROOT$each; mount --rbind $each $ROOT$each; done
  in_root() { chroot $ROOT "$@"; }
  ${script}`]];
const overlay = () => (process.getuid() === 0 && spawnSync(...inOverlay('in_root true')).status === 0 ? false : 'optional: no overlay of the root here (root, unshare, overlayfs)');

test('.deb: installed with its dependencies, it serves a call; it is upgraded with its settings kept, and purged', { skip }, async (t) => {
  if (overlay()) return t.skip(overlay());
  const deb = packed(new RegExp(`_${arch}\\.deb$`));
  await callThrough(t, ...inOverlay(`
    in_root dpkg -i ${deb} >&2
    test -z "$(in_root dpkg -V k0rdent-mcp)"
    in_root bash -c '. /usr/share/bash-completion/completions/k0rdent-mcp && complete -p k0rdent-mcp' >&2
    head -1 $ROOT/usr/share/zsh/vendor-completions/_k0rdent-mcp | grep -q '#compdef k0rdent-mcp'
    grep -q '^complete -c k0rdent-mcp' $ROOT/usr/share/fish/vendor_completions.d/k0rdent-mcp.fish
    exec chroot $ROOT /usr/bin/k0rdent-mcp stdio --kubeconfig ${kubeconfig()}`));
  run(...inOverlay(`
    in_root dpkg -i ${deb}
    echo K0RDENT_MCP_LOG_LEVEL=debug >>$ROOT/etc/default/k0rdent-mcp
    echo secret >$ROOT/etc/k0rdent-mcp/kubeconfig
    in_root dpkg -i ${deb}
    grep -q debug $ROOT/etc/default/k0rdent-mcp
    in_root dpkg -r k0rdent-mcp
    grep -q debug $ROOT/etc/default/k0rdent-mcp
    in_root dpkg -P k0rdent-mcp
    ! test -e $ROOT/etc/default/k0rdent-mcp
    ! test -e $ROOT/usr/bin/k0rdent-mcp
    test -e $ROOT/etc/k0rdent-mcp/kubeconfig # its owner's`));
});

test('.rpm: installed and verified, it serves a call; it is replaced and erased', { skip }, async (t) => {
  if (spawnSync('rpm', ['--version']).error) return t.skip('optional: no rpm');
  if (overlay()) return t.skip(overlay());
  const package_ = packed(new RegExp(`\\.${machine}\\.rpm$`));
  // A database of its own, in which no other package is.
  const rpm = 'in_root rpm --dbpath /var/tmp/rpmdb --nodeps';
  await callThrough(t, ...inOverlay(`
    ${rpm} -i ${package_} >&2
    ${rpm} -V k0rdent-mcp >&2
    grep -q '^complete ' $ROOT/usr/share/bash-completion/completions/k0rdent-mcp
    test -s $ROOT/usr/share/zsh/site-functions/_k0rdent-mcp
    exec chroot $ROOT /usr/bin/k0rdent-mcp stdio --kubeconfig ${kubeconfig()}`));
  run(...inOverlay(`
    ${rpm} -i ${package_}
    echo K0RDENT_MCP_LOG_LEVEL=debug >>$ROOT/etc/default/k0rdent-mcp
    ${rpm} -U --replacepkgs ${package_}
    grep -q debug $ROOT/etc/default/k0rdent-mcp
    ${rpm} -e k0rdent-mcp
    ! test -e $ROOT/usr/bin/k0rdent-mcp`));
});

/** Commands in a booted systemd: {ask(...command), code(...command)}, each within seconds; put(file): its path there, also where it is on another file system than the root. */
async function booted(t) {
  const machine = fs.mkdtempSync(path.join(dir, 'booted-'));
  const child = start(path.join(root, 'test/e2e/lib/boot.sh'), [machine], { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await child.exited;
  });
  const first = () => fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const run_ = (command, input) => spawnSync('nsenter', ['--target', first(), '--all', ...command], { encoding: 'utf8', timeout: 60_000, input });
  const put = (file) => {
    const there = `/var/tmp/${path.basename(file)}`;
    assert.equal(run_(['sh', '-c', 'cat >"$0" && chmod 755 "$0"', there], fs.readFileSync(file)).status, 0, file);
    return there;
  };
  const ask = (...command) => {
    const { status, stdout, stderr } = run_(command);
    assert.equal(status, 0, `${command.join(' ')}: ${stdout}${stderr}${run_(['journalctl', '--no-pager', '-n', '30']).stdout}`);
    return stdout.trim();
  };
  await until('systemd to have booted', () => /running|initializing|degraded/.test(run_(['systemctl', 'is-system-running']).stdout) && run_(['systemctl', 'is-active', 'sysinit.target']).status === 0, { ms: 60_000 });
  return { ask, put, code: (...command) => run_(command).status, enter: (...command) => start('nsenter', ['--target', first(), '--all', ...command], { stdio: 'ignore' }) };
}

test('the .deb\'s unit, under a booted systemd: started, restarted, upgraded, started by its socket, stopped', { skip }, async (t) => {
  const missing = ['ip', 'nsenter', 'pivot_root'].find((name) => spawnSync(name, ['--version']).error);
  if (overlay() || missing || !fs.existsSync('/lib/systemd/systemd') || !fs.existsSync('/sys/fs/cgroup/systemd')) return t.skip(overlay() || 'optional: no systemd here, or no cgroup of its own for one');
  const { ask, code, enter, put } = await booted(t);
  const deb = put(packed(new RegExp(`_${arch}\\.deb$`)));
  const show = (name) => ask('systemctl', 'show', 'k0rdent-mcp', '-p', name, '--value');
  const status = (path_) => ask('curl', '--silent', '--max-time', '10', '--output', '/dev/null', '--write-out', '%{http_code}', `http://127.0.0.1:6767${path_}`);
  const list = () => JSON.parse(ask('k0rdent-mcp', 'call', LIST.name, '--server', 'http://127.0.0.1:6767/mcp', '-o', 'json'));
  ask('dpkg', '-i', deb);
  assert.equal(code('systemctl', 'is-active', 'k0rdent-mcp'), 3, 'the package starts nothing');
  enter(put(path.resolve(root, process.env.K0RDENT_MCP_SIM_BIN ?? 'build/k0rdent-mcp-sim')), '--kubeconfig-out', '/etc/k0rdent-mcp/kubeconfig');
  await until('the simulated API server', () => code('test', '-s', '/etc/k0rdent-mcp/kubeconfig') === 0);
  ask('chmod', '600', '/etc/k0rdent-mcp/kubeconfig');

  ask('systemctl', 'start', 'k0rdent-mcp');
  const pid = show('MainPID');
  const process_ = Object.fromEntries(ask('cat', `/proc/${pid}/status`).split('\n').map((line) => line.split(/:\s+/)));
  assert.ok(Number(process_.Uid.split(/\s/)[0]) > 60_000, 'a user of its own');
  assert.deepEqual([process_.CapEff, process_.CapBnd, process_.NoNewPrivs, process_.Seccomp].map(Number), [0, 0, 1, 2]);
  await until('the server to be ready', () => status('/readyz') === '200');
  assert.ok(list());

  ask('systemctl', 'restart', 'k0rdent-mcp');
  const restarted = show('MainPID');
  assert.notEqual(restarted, pid);
  ask('dpkg', '-i', deb);
  assert.notEqual(show('MainPID'), restarted, 'an upgrade restarts a service that runs');
  ask('systemctl', 'stop', 'k0rdent-mcp');
  assert.deepEqual(['ActiveState', 'Result', 'ExecMainStatus'].map(show), ['inactive', 'success', '0']);

  ask('sh', '-c', 'cp /etc/default/k0rdent-mcp /var/tmp/kept && echo K0RDENT_MCP_LOG_LEVEL=loud >>/etc/default/k0rdent-mcp');
  assert.notEqual(code('systemctl', 'start', 'k0rdent-mcp'), 0);
  assert.deepEqual(['ActiveState', 'ExecMainStatus', 'NRestarts'].map(show), ['failed', '2', '0'], 'a wrong setting is not tried again');
  ask('sh', '-c', 'cp /var/tmp/kept /etc/default/k0rdent-mcp && systemctl reset-failed k0rdent-mcp');

  ask('systemctl', 'start', 'k0rdent-mcp.socket');
  assert.equal(code('systemctl', 'is-active', 'k0rdent-mcp'), 3, 'it waits for a connection');
  assert.equal(status('/healthz'), '200');
  ask('systemctl', 'is-active', 'k0rdent-mcp');
  ask('dpkg', '-P', 'k0rdent-mcp');
  assert.notEqual(code('systemctl', 'is-active', 'k0rdent-mcp.socket'), 0);
  assert.notEqual(code('systemctl', 'cat', 'k0rdent-mcp'), 0, 'its units are gone');
});

test('lintian finds nothing in the .deb but what is overridden with its reason', { skip }, (t) => {
  if (spawnSync('lintian', ['--version']).error) return t.skip('optional: no lintian');
  // The package that is made here has the program under test, which is static; the one of `make dist` has not.
  const own = given ? [] : ['--suppress-tags', 'statically-linked-binary,shared-library-lacks-prerequisites,embedded-library,hardening-no-pie,hardening-no-fortify-functions,binary-without-manpage'];
  const { stdout } = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', ...own, packed(new RegExp(`_${arch}\\.deb$`))], { encoding: 'utf8' });
  assert.equal(stdout, '');
});

// ---- Python ----

const exeMagic = (file) => fs.readFileSync(file).subarray(0, 4).toString('latin1');
const wheel = () => packed(new RegExp(`manylinux.*_${machine}\\.whl$`));

test('pip: it installs the program itself, without Python around it, which serves a call', { skip }, async (t) => {
  const venv = path.join(dir, 'venv');
  run('python3', ['-m', 'venv', venv]);
  run(path.join(venv, 'bin/pip'), ['--quiet', '--disable-pip-version-check', 'install', '--no-index', wheel()]);
  assert.equal(exeMagic(path.join(venv, 'bin/k0rdent-mcp')), '\x7fELF');
  await callThrough(t, path.join(venv, 'bin/k0rdent-mcp'), ['stdio', '--kubeconfig', kubeconfig()]);
});

test('uvx: without a network it serves a call', { skip }, async (t) => {
  const uv = spawnSync(path.join(root, 'test/uv/setup.sh'), { encoding: 'utf8' });
  if (uv.status !== 0) return t.skip(`optional: ${uv.stderr.trim().split('\n').at(-1)}`);
  await callThrough(t, uv.stdout.trim(), ['--offline', '--no-index', '--find-links', path.dirname(wheel()), 'k0rdent-mcp', 'stdio', '--kubeconfig', kubeconfig()],
    { env: { PATH: process.env.PATH, HOME: path.join(dir, 'uv') } });
});

// ---- npm ----

const manifestOf = (file) => JSON.parse(run('tar', ['-xzOf', file, 'package/package.json']));

/** What npm asks a registry for, with the packages of dist/: its address. */
async function registry(t) {
  const files = new Map(fs.readdirSync(dist).filter((name) => name.endsWith('.npm.tgz')).map((name) => [name, fs.readFileSync(path.join(dist, name))]));
  const asked = [];
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1)), base = `http://127.0.0.1:${server.address().port}`;
    asked.push(name);
    if (files.has(name)) return response.end(files.get(name));
    for (const [file, bytes] of files) {
      const about = manifestOf(path.join(dist, file));
      if (about.name !== name) continue;
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      return response.end(JSON.stringify({ name, 'dist-tags': { latest: about.version }, versions: { [about.version]: { ...about, dist: { tarball: `${base}/${file}`, integrity } } } }));
    }
    response.writeHead(404).end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}
/** The environment of an npm that knows nothing but this registry; its node is the one that runs this. */
function npmEnv(url, more = {}) {
  const home = fs.mkdtempSync(path.join(dir, 'npm-'));
  return { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, HOME: home, npm_config_cache: path.join(home, 'cache'), npm_config_registry: url,
    npm_config_noproxy: '127.0.0.1', npm_config_update_notifier: 'false', npm_config_fetch_retries: '0', ...more };
}
/** npm install in a folder of its own: the command that it made. */
async function installed(t, ...args) {
  const { url } = await registry(t);
  const where = fs.mkdtempSync(path.join(dir, 'installed-'));
  const child = start('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', where, `k0rdent-mcp@${version()}`, ...args], { env: npmEnv(url), stdio: 'inherit' });
  assert.equal((await child.exited).code, 0);
  return path.join(where, 'node_modules/.bin/k0rdent-mcp');
}
const exe = (pid) => fs.readlinkSync(`/proc/${pid}/exe`);
const commandOf = (pid) => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
/** The processes below one, with it. */
function family(pid) {
  const all = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const parent = (each) => { try { return Number(/\) \S (\d+)/.exec(fs.readFileSync(`/proc/${each}/stat`, 'utf8'))[1]); } catch { return 0; } };
  const below = (each) => each === pid || (each > 1 && below(parent(each)));
  return all.filter(below);
}

test('npx: from a registry it serves a call, and the launcher\'s node is gone', { skip }, async (t) => {
  const { url, asked } = await registry(t);
  await callThrough(t, 'npx', ['-y', `k0rdent-mcp@${version()}`, 'stdio', '--kubeconfig', kubeconfig()], {
    env: npmEnv(url),
    look: (pid) => {
      const processes = family(pid).map((each) => ({ exe: path.basename(exe(each)), launcher: commandOf(each).some((word) => /launch\.js$|\.bin\/k0rdent-mcp$/.test(word)) }));
      const ours = processes.filter((each) => each.exe === 'k0rdent-mcp');
      assert.equal(ours.length, 1, JSON.stringify(processes));
      assert.deepEqual(processes.filter((each) => each.exe === 'node' && each.launcher), [], 'npm\'s own node waits for the command, and no other');
    },
  });
  const cpu = process.arch, names = asked.filter((name) => name.endsWith('.tgz'));
  assert.deepEqual(names.map((name) => name.replace(/-[0-9].*/, '')).sort(), ['k0rdent-mcp', `k0rdent-mcp-linux-${cpu}`], 'the program of this machine alone is downloaded');
});

test('npm: as the documents say, from the files alone, without a registry', { skip }, async (t) => {
  const [, options] = /`npm install (-g --offline) \.\/dist\/k0rdent-mcp-\S+ \.\/dist\/k0rdent-mcp-linux-x64-\S+`/.exec(fs.readFileSync(path.join(root, 'doc/INSTALL.md'), 'utf8'));
  assert.match(fs.readFileSync(path.join(root, 'README.md'), 'utf8'), new RegExp(`npm install ${options} \\./dist/`));
  let asked = 0;
  const server = http.createServer((request, response) => { ++asked; response.writeHead(404).end('{}'); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const where = fs.mkdtempSync(path.join(dir, 'global-'));
  const child = start('npm', ['install', ...options.split(' '), '--silent', '--prefix', where, packed(/^k0rdent-mcp-[0-9.]+\.npm\.tgz$/), packed(new RegExp(`^k0rdent-mcp-linux-${process.arch}-.*\\.npm\\.tgz$`))],
    { env: npmEnv(`http://127.0.0.1:${server.address().port}`), stdio: 'inherit' });
  assert.equal((await child.exited).code, 0);
  assert.equal(asked, 0, 'the names are in no registry yet');
  await callThrough(t, path.join(where, 'bin/k0rdent-mcp'), ['stdio', '--kubeconfig', kubeconfig()], { env: npmEnv('http://127.0.0.1:9') });
});

test('npm: the installed command becomes the program', { skip }, async (t) => {
  assert.ok(process.execve, 'node 22.15 or later');
  const command = await installed(t);
  await callThrough(t, process.execPath, [command, 'stdio', '--kubeconfig', kubeconfig()], {
    look: (pid) => assert.deepEqual(family(pid).map((each) => path.basename(exe(each))), ['k0rdent-mcp']),
  });
});

test('npm: where node cannot be replaced, signals and the exit code are passed on', { skip }, async (t) => {
  const command = await installed(t);
  const older = path.join(dir, 'older-node.cjs');
  fs.writeFileSync(older, 'delete process.execve;\n');
  const node = [process.execPath, ['--require', older, command]];
  await callThrough(t, node[0], [...node[1], 'stdio', '--kubeconfig', kubeconfig()], {
    look: (pid) => assert.deepEqual(family(pid).map((each) => path.basename(exe(each))).sort(), ['k0rdent-mcp', 'node']),
  });
  assert.equal(spawnSync(node[0], [...node[1], '--no-such-flag']).status, spawnSync(binary, ['--no-such-flag']).status);

  const serve = async () => {
    const child = start(node[0], [...node[1], 'serve', '--listen', '127.0.0.1:0', '--kubeconfig', kubeconfig()], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', log: '' };
    child.stdout.setEncoding('utf8').on('data', (part) => (said.out += part));
    child.stderr.setEncoding('utf8').on('data', (part) => (said.log += part));
    await until(() => `it to listen: ${said.log}`, () => /listen/i.test(said.log));
    return { child, said };
  };
  const first = await serve();
  first.child.kill('SIGTERM');
  assert.deepEqual(await first.child.exited, { code: 0, signal: null });
  assert.match(first.said.log, /shutdown: stopped/);
  assert.equal(first.said.out, '', 'the launcher writes nothing of its own');
  const second = await serve();
  process.kill(family(second.child.pid).find((pid) => path.basename(exe(pid)) === 'k0rdent-mcp'), 'SIGKILL');
  assert.deepEqual(await second.child.exited, { code: null, signal: 'SIGKILL' });
});

test('npm: on a machine without a program the launcher says so, on standard error', { skip }, async (t) => {
  const command = await installed(t, '--omit=optional');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'stdio'], { encoding: 'utf8' });
  assert.equal(status, 127);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`no program for linux-${process.arch} here\\. Packages are built for linux-`));
});

// ---- the MCP registry ----

test('server.json is as the MCP registry wants it, and each package bears its name', { skip }, async (t) => {
  const server = JSON.parse(fs.readFileSync(packed(/\.server\.json$/), 'utf8'));
  await t.test('by its schema', (t) => {
    const source = goModule('github.com/modelcontextprotocol/registry@v1.8.9');
    if (!source) return t.skip('optional: no go, or the registry\'s module cannot be had');
    const [, date] = /schemas\/([0-9-]+)\/server\.schema\.json$/.exec(server.$schema);
    const schema = JSON.parse(fs.readFileSync(path.join(source, `internal/validators/schemas/${date}.json`), 'utf8'));
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const valid = ajv.compile(schema);
    assert.ok(valid(server), JSON.stringify(valid.errors));
    assert.equal(valid({ ...server, description: 'x'.repeat(101) }), false, 'a schema that refuses');
  });
  const [npm, pypi, oci] = ['npm', 'pypi', 'oci'].map((type) => server.packages.find(({ registryType }) => registryType === type));
  const about = manifestOf(packed(/^k0rdent-mcp-[0-9.]+\.npm\.tgz$/));
  assert.deepEqual([about.name, about.version, about.mcpName], [npm.identifier, npm.version, server.name]);
  const metadata = run('python3', ['-c', 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z: print(z.read(next(n for n in z.namelist() if n.endswith("/METADATA"))).decode())', wheel()]);
  assert.match(metadata, new RegExp(`^Name: ${pypi.identifier}\nVersion: ${pypi.version}$`, 'm'));
  assert.match(metadata, new RegExp(`^mcp-name: ${server.name}$`, 'm'));
  assert.equal(layout().config.Labels['io.modelcontextprotocol.server.name'], server.name);
  assert.ok(oci.identifier.endsWith(`:${server.version}`));
});

test('server.json: its arguments start each package\'s server', { skip }, async (t) => {
  const { packages } = JSON.parse(fs.readFileSync(packed(/\.server\.json$/), 'utf8'));
  for (const { registryType, packageArguments } of packages.filter((each) => each.registryType !== 'oci')) {
    // As a client makes them: "--flag=value".
    const args = packageArguments.map(({ type, name, value }) => (type === 'named' ? `${name}=${value ?? kubeconfig()}` : value));
    await t.test(registryType, (t) => callThrough(t, binary, args));
  }
});

// ---- image and chart ----

let unpacked;
/** The image, unpacked: {folder, rootfs, config}. */
function layout() {
  if (unpacked) return unpacked;
  const folder = path.join(dir, 'image'), rootfs = path.join(dir, 'rootfs');
  fs.mkdirSync(folder);
  run('tar', ['-xf', packed(/\.image\.oci\.tar$/), '-C', folder]);
  return (unpacked = { folder, rootfs, config: unpack(folder, rootfs) });
}

test('image: run by runc it serves a call', { skip }, async (t) => {
  if (!haveRunc()) return t.skip('optional: no runc, or no seccomp profile of containers-common');
  const { rootfs, config } = layout();
  const where = path.dirname(cluster.ca);
  fs.mkdirSync(path.join(rootfs, where), { recursive: true });
  fs.copyFileSync(cluster.ca, path.join(rootfs, cluster.ca));
  fs.writeFileSync(path.join(rootfs, 'kubeconfig'), fs.readFileSync(kubeconfig()), { mode: 0o644 });
  const container = contain(dir, rootfs, { uid: 65532, gid: 65532, args: [...config.Entrypoint, 'serve', '--listen', '127.0.0.1:0', '--kubeconfig', '/kubeconfig', '--log-format', 'json'] });
  t.after(() => container.stop().catch(() => {}));
  const [, port] = await until(() => `it to listen: ${container.output()}`, () => /"listening[^\n]*127\.0\.0\.1:([1-9]\d*)/.exec(container.output()));
  const session = await Session.open({ url: new URL(`http://127.0.0.1:${port}/mcp`) }, { t });
  assert.ok((await session.client.callTool(LIST)).structuredContent.namespaces.length);
});

test('chart: installed by Helm from its archive, its pod serves a call from the image of dist/', { skip }, async (t) => {
  if (!haveRunc() || !helm()) return t.skip('optional: no runc, or no helm');
  const chart = packed(/^k0rdent-mcp-[0-9.]+\.tgz$/);
  const pod = await installPod(t, { cluster, chart, layout: layout().folder, dir });
  const session = await Session.open(pod, { t, token: cluster.tokens.harness });
  assert.ok((await session.client.callTool(LIST)).structuredContent.namespaces.length);
  // The same archive is what a registry would hold.
  const hash = createHash('sha256').update(fs.readFileSync(chart)).digest('hex');
  assert.match(run('tar', ['-tf', packed(/\.chart\.oci\.tar$/)]), new RegExp(`^\\./blobs/sha256/${hash}$`, 'm'));
});

// What `make dist` packs, made from the program under test: the same bytes each time, complete, and installable.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { root } from './lib/cluster.mjs';
import { goModule } from './lib/gomod.mjs';
import { binary, invoke } from './lib/product.mjs';
import { run } from './lib/proc.mjs';

const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'dist-'));
const program = path.join(dir, 'k0rdent-mcp');
run('strip', ['-o', program, binary]);
run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path.join(dir, 'key.pem')]);
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
function pack(name, env = {}) {
  const out = path.join(dir, name);
  run(path.join(root, 'scripts/dist/dist.sh'), [out, '1.2.3', 'abc', `${arch}=${program},${program}`], { env: { ...process.env, SOURCE_DATE_EPOCH: '1767225600', ...env } });
  return out;
}
const nfpm = spawnSync(path.join(root, 'scripts/dist/nfpm.sh'), { encoding: 'utf8' });
const skip = process.env.K0RDENT_MCP_VARIANT === 'asan' ? 'optional: the release is packed' : nfpm.status === 0 && !spawnSync('dpkg-shlibdeps', ['--version']).error ? false : 'optional: no nfpm, or no dpkg-dev (scripts/deps.sh dist)';
let out;
let signed; // a second time, at another time zone, with a key
test.before(() => {
  if (skip) return;
  out = pack('first');
  signed = pack('second', { TZ: 'Asia/Tokyo', LANG: 'C.UTF-8', SIGN_KEY: path.join(dir, 'key.pem') });
});

test('packing twice gives the same bytes', { skip }, () => {
  run('diff', ['-r', '--exclude=SHA256SUMS.sig', out, signed]);
});

test('the sums are true, and signed where there is a key', { skip }, () => {
  run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: out });
  const listed = fs.readFileSync(path.join(out, 'SHA256SUMS'), 'utf8').trim().split('\n').map((line) => line.slice(66));
  assert.deepEqual([...listed, 'SHA256SUMS'].sort(), fs.readdirSync(out).sort());
  run('openssl', ['pkey', '-in', path.join(dir, 'key.pem'), '-pubout', '-out', path.join(dir, 'public.pem')]);
  const verify = () => spawnSync('openssl', ['dgst', '-sha256', '-verify', path.join(dir, 'public.pem'), '-signature', 'SHA256SUMS.sig', 'SHA256SUMS'], { cwd: signed }).status;
  assert.equal(verify(), 0);
  fs.appendFileSync(path.join(signed, 'SHA256SUMS'), '\n');
  assert.notEqual(verify(), 0);
});

test('the bill of materials has each linked part, of the version that the program tells', { skip }, async () => {
  const bill = JSON.parse(fs.readFileSync(path.join(out, `k0rdent-mcp-1.2.3-linux-${arch}.cdx.json`), 'utf8'));
  assert.deepEqual([bill.bomFormat, bill.specVersion, bill.metadata.timestamp], ['CycloneDX', '1.6', '2026-01-01T00:00:00Z']);
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const { stdout } = await invoke(['version']);
  const told = stdout.split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  assert.deepEqual(bill.components.map(({ name, version }) => `${name} ${version}`), told);
  for (const { name, purl, licenses } of bill.components) {
    assert.match(purl, /^pkg:deb\/[a-z]+\/[^@/]+@[^@/]+\?arch=source&distro=[a-z]+-[0-9.]+$/, name);
    assert.ok(licenses[0].expression || licenses[0].license.id, name);
  }
  assert.deepEqual(bill.dependencies[0].dependsOn, bill.components.map((each) => each['bom-ref']));
});

test('the bill of materials of the image has the program, its parts, and the certificate authorities', { skip }, () => {
  const read = (name) => JSON.parse(fs.readFileSync(path.join(out, name), 'utf8'));
  const bill = read(`k0rdent-mcp-1.2.3-image-${arch}.cdx.json`), ofProgram = read(`k0rdent-mcp-1.2.3-linux-${arch}.cdx.json`);
  const digest = fs.readFileSync(path.join(out, 'k0rdent-mcp-1.2.3.image.digest'), 'utf8').trim();
  assert.equal(bill.metadata.component.type, 'container');
  assert.equal(bill.metadata.component.purl, `pkg:oci/k0rdent-mcp@${encodeURIComponent(digest)}?arch=${arch}&repository_url=ghcr.io%2Fk0rdent%2Fk0rdent-mcp&tag=1.2.3`);
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  const [program, ...others] = bill.components, authorities = others.pop();
  assert.equal(program.name, 'k0rdent-mcp');
  assert.deepEqual(others, ofProgram.components);
  const installed = run('dpkg-query', ['-W', '-f', '${source:Version}', 'ca-certificates']);
  assert.deepEqual([authorities.type, authorities.name, authorities.version, authorities.licenses[0].license.id], ['data', 'ca-certificates', installed, 'MPL-2.0']);
  const dependsOn = (ref) => bill.dependencies.find((each) => each.ref === ref).dependsOn;
  assert.deepEqual(dependsOn('image'), [program['bom-ref'], authorities['bom-ref']]);
  assert.deepEqual(dependsOn(program['bom-ref']), others.map((each) => each['bom-ref']));
  assert.notEqual(bill.serialNumber, ofProgram.serialNumber);
});

test('the bill of materials is valid by CycloneDX\'s schema', { skip }, (t) => {
  const source = goModule('github.com/CycloneDX/cyclonedx-go@v0.9.3');
  if (!source) return t.skip('optional: no go, or CycloneDX\'s module cannot be had');
  const read = (name) => JSON.parse(fs.readFileSync(path.join(source, 'schema', name), 'utf8'));
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv, { mode: 'fast' });
  for (const format of ['idn-email', 'iri-reference']) ajv.addFormat(format, true); // ajv knows none of them, and the bill has none
  for (const name of ['spdx.schema.json', 'jsf-0.82.schemax.json']) ajv.addSchema(read(name));
  const valid = ajv.compile(read('bom-1.6.schema.json'));
  const [bill, ofImage] = ['linux', 'image'].map((of) => JSON.parse(fs.readFileSync(path.join(out, `k0rdent-mcp-1.2.3-${of}-${arch}.cdx.json`), 'utf8')));
  for (const each of [bill, ofImage]) assert.ok(valid(each), JSON.stringify(valid.errors, null, 1));
  for (const wrong of [{ serialNumber: 'urn:uuid:1' }, { components: [{ name: 'no type' }] }, { bomFormat: 'SPDX' }, { more: 1 }, { components: [{ ...bill.components[0], licenses: [{ license: { id: 'MITT' } }] }] }])
    assert.equal(valid({ ...bill, ...wrong }), false, JSON.stringify(wrong));
});

test('a folder that is not one of packages is left alone', { skip }, () => {
  const mine = path.join(dir, 'mine');
  fs.mkdirSync(mine);
  fs.writeFileSync(path.join(mine, 'work'), 'of years');
  assert.throws(() => pack('mine'), /mine has files and no SHA256SUMS/);
  assert.deepEqual(fs.readdirSync(mine), ['work']);
});

test('the archive has the program, its manual and the licences of each part', { skip }, () => {
  const folder = `k0rdent-mcp-1.2.3-linux-${arch}`;
  run('tar', ['-xzf', path.join(out, `${folder}.tar.gz`), '-C', dir]);
  const at = (...name) => path.join(dir, folder, ...name);
  for (const name of ['k0rdent-mcp', 'LICENSE', 'THIRD-PARTY.txt', 'README.md', 'NEWS.md', 'man/k0rdent-mcp.8', 'man/k0rdent-mcp-tools.7']) assert.ok(fs.existsSync(at(name)), name);
  const notices = fs.readFileSync(at('THIRD-PARTY.txt'), 'utf8');
  for (const words of ['GNU LESSER GENERAL PUBLIC LICENSE', 'OpenSSL', 'libyaml', 'c-ares', 'simdjson', 'llhttp', /Debian source package glibc 2\.\d+/]) assert.match(notices, new RegExp(words));
  assert.doesNotMatch(notices, /ca-certificates/, 'the image\'s alone');
  assert.match(run(at('k0rdent-mcp'), ['version']), /^k0rdent-mcp /);
});

test('the .deb has the program, the unit, the manual, and settings that an upgrade keeps', { skip: skip || (spawnSync('dpkg-deb', ['--version']).error ? 'optional: no dpkg' : false) }, () => {
  const deb = path.join(out, `k0rdent-mcp_1.2.3-1_${arch}.deb`);
  const tree = path.join(dir, 'deb');
  run('dpkg-deb', ['-R', deb, tree]);
  const files = run('find', ['.', '-type', 'f', '-not', '-path', './DEBIAN/*', '-printf', '%P %m\n'], { cwd: tree }).trim().split('\n').sort();
  assert.deepEqual(files, ['etc/default/k0rdent-mcp 644', 'lib/systemd/system/k0rdent-mcp.service 644', 'lib/systemd/system/k0rdent-mcp.socket 644', 'usr/bin/k0rdent-mcp 755',
    'usr/share/bash-completion/completions/k0rdent-mcp 644', 'usr/share/doc/k0rdent-mcp/changelog.Debian.gz 644', 'usr/share/doc/k0rdent-mcp/copyright 644', 'usr/share/fish/vendor_completions.d/k0rdent-mcp.fish 644',
    'usr/share/lintian/overrides/k0rdent-mcp 644', 'usr/share/man/man7/k0rdent-mcp-tools.7.gz 644', 'usr/share/man/man8/k0rdent-mcp.8.gz 644', 'usr/share/zsh/vendor-completions/_k0rdent-mcp 644']);
  // llhttp is compiled in, also where all else is a shared library: its licence goes with each copy.
  const copyright = fs.readFileSync(path.join(tree, 'usr/share/doc/k0rdent-mcp/copyright'), 'utf8');
  for (const words of [/^Files: llhttp\/\*\n( .*\n)*Copyright: .*Indutny\nLicense: Expat$/m, /^License: Expat\n Permission is hereby granted[^]* ANY KIND/m]) assert.match(copyright, words);
  assert.equal(fs.readFileSync(path.join(tree, 'DEBIAN/conffiles'), 'utf8').trim(), '/etc/default/k0rdent-mcp');
  assert.match(run('dpkg-deb', ['-c', deb]), /drwx------ root\/root .* \.\/etc\/k0rdent-mcp\//);
  // Installed, removed and purged in a root of its own; its libraries are not there, so that only the files are tried.
  const target = path.join(dir, 'root');
  fs.mkdirSync(path.join(target, 'var/lib/dpkg/updates'), { recursive: true });
  fs.writeFileSync(path.join(target, 'var/lib/dpkg/status'), '');
  const dpkg = (...args) => run('dpkg', [`--root=${target}`, '--force-depends', '--force-script-chrootless', ...args]);
  dpkg('-i', deb);
  assert.equal(run('dpkg', [`--root=${target}`, '-V', 'k0rdent-mcp']), '', 'nothing differs from the package');
  assert.match(run(path.join(target, 'usr/bin/k0rdent-mcp'), ['version']), /^k0rdent-mcp /);
  dpkg('-P', 'k0rdent-mcp');
  assert.equal(run('find', ['.', '-type', 'f', '-not', '-path', './var/*'], { cwd: target }), '');
});

test('the unit leaves the server nothing that it does not need', { skip: spawnSync('systemd-analyze', ['--version']).error ? 'optional: no systemd-analyze' : false }, () => {
  const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', path.join(root, 'deploy/systemd/k0rdent-mcp.service')], { encoding: 'utf8' });
  const [, exposure] = /Overall exposure level.*: ([0-9.]+)/.exec(stdout) ?? assert.fail(stderr);
  assert.ok(Number(exposure) <= 1.5, exposure);
  // RHEL 9 and SLES 15 have a systemd before 251, which ignores a line with %d: the kubeconfig's place must not depend on it.
  const unit = fs.readFileSync(path.join(root, 'deploy/systemd/k0rdent-mcp.service'), 'utf8');
  assert.match(unit, /^ExecStart=\/usr\/bin\/k0rdent-mcp serve --kubeconfig \$\{CREDENTIALS_DIRECTORY\}\/kubeconfig \$K0RDENT_MCP_FLAGS$/m);
  assert.doesNotMatch(unit, /=.*%[^%]/);
});

test('the unit is one that systemd understands, and a wrong setting, exit code 2, is not tried again', { skip: spawnSync('systemd-analyze', ['--version']).error ? 'optional: no systemd-analyze' : false }, async () => {
  const unit = fs.readFileSync(path.join(root, 'deploy/systemd/k0rdent-mcp.service'), 'utf8');
  assert.match(unit, /^Restart=on-failure$/m);
  const [, code] = /^RestartPreventExitStatus=(\d+)$/m.exec(unit);
  assert.equal((await invoke(['serve', '--listne', 'x'])).code, Number(code));
  // Its program is not installed here: another one that is there takes its place.
  const folder = path.join(dir, 'unit');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'k0rdent-mcp.service'), unit.replace('=/usr/bin/k0rdent-mcp ', '=/bin/true ').replace(/^Documentation=.*\n/m, ''));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path.join(folder, 'k0rdent-mcp.service')], { encoding: 'utf8' });
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('k0rdent-mcp'));
  assert.deepEqual([status, ours], [0, []], stderr);
});

test('each file of dist/ that the documents name is made', { skip }, () => {
  const [, version] = /^VERSION := (.*)$/m.exec(fs.readFileSync(path.join(root, 'Makefile'), 'utf8'));
  const text = ['README.md', 'doc/INSTALL.md'].map((file) => fs.readFileSync(path.join(root, file), 'utf8')).join('\n');
  const names = new Set([...text.matchAll(/\bdist\/([\w.-]*\d[\w.-]*\w)/g)].map(([, name]) => name));
  assert.ok(names.size >= 5, [...names].join(' '));
  for (const name of names) assert.ok(fs.existsSync(path.join(out, name.replace(version, '1.2.3').replace('amd64', arch).replace('x86_64', { amd64: 'x86_64', arm64: 'aarch64' }[arch]).replace('linux-x64', `linux-${process.arch}`))), name);
});

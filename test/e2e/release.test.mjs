// How a release comes about: what the Makefile asks before and hands on to the builds and to the packing, and from which versions of the
// distribution's libraries. Compilers, apt and dpkg are scripts here: dist.test.mjs and packages.test.mjs try what is packed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { root } from './lib/cluster.mjs';
import { binary } from './lib/product.mjs';
import { run } from './lib/proc.mjs';

const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'release-'));
const program = (file, ...lines) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 }); };
// The job slots of a make above us, and its variables, are none of ours.
const { MAKEFLAGS, MAKELEVEL, MFLAGS, MAKEOVERRIDES, SOURCE_DATE_EPOCH, SIGN_KEY, DIST_ARCH, K0RDENT_MCP_CACHE, ...clean } = process.env;
const COMMITTED = 1767225600; // 2026-01-01

/** A clone with the Makefile and the scripts, of one commit at COMMITTED; deps.sh and dist.sh only say that they were called. */
function clone(name) {
  const at = path.join(dir, name);
  fs.mkdirSync(at);
  run('cp', ['-R', path.join(root, 'Makefile'), path.join(root, 'scripts'), at]);
  program(path.join(at, 'scripts/deps.sh'), 'echo "deps $*"');
  program(path.join(at, 'scripts/dist/dist.sh'), 'echo "dist $1 at $SOURCE_DATE_EPOCH"');
  // Instead of make: what it was to make, and whether another did so at the same time.
  program(path.join(at, 'make'), 'for goal; do :; done', 'mkdir busy 2>/dev/null || echo "beside another"', 'seq 200000 | tail -1 >last', 'echo "make $goal at $SOURCE_DATE_EPOCH"', 'rmdir busy 2>/dev/null');
  fs.writeFileSync(path.join(at, '.gitignore'), 'build\nbin\nbusy\nlast\n');
  const git = (...args) => run('git', ['-c', 'user.name=x', '-c', 'user.email=x@example', ...args], { cwd: at, env: { ...clean, GIT_COMMITTER_DATE: `${COMMITTED} +0000`, GIT_AUTHOR_DATE: `${COMMITTED} +0000` } });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'all');
  return { at, make: (args, env = {}) => spawnSync('make', args, { cwd: at, encoding: 'utf8', env: { ...clean, ...env } }) };
}
const lines = ({ stdout, stderr, status }) => { assert.equal(status, 0, stderr); return stdout.trim().split('\n').map((line) => line.trim()); };

test('the builds and the packing of a release carry the time of its commit, or the one that is given', () => {
  const { make } = clone('times');
  const dist = (env) => lines(make(['-j2', 'dist', 'DIST_ARCH=amd64 arm64', 'MAKE=./make'], env)).filter((line) => !line.startsWith('deps'));
  const at = (time) => [`make dist-programs at ${time}`, `make dist-programs at ${time}`, `dist dist at ${time}`];
  assert.deepEqual(dist({}), at(COMMITTED));
  assert.deepEqual(dist({ SOURCE_DATE_EPOCH: '1234567890' }), at('1234567890'));
});

test('a program is built anew on another day, and linked anew when a package of a linked part has another version', () => {
  const { at, make } = clone('stamps');
  program(path.join(at, 'bin/dpkg-query'), 'echo "libssl-dev $HAS"');
  const stamps = (seconds, HAS) => {
    lines(make(['-s', '-j2', 'VARIANT=x', 'build/x/version', 'build/x/link-flags'], { SOURCE_DATE_EPOCH: String(COMMITTED + seconds), HAS, PATH: `${at}/bin:${process.env.PATH}` }));
    return ['version', 'link-flags'].map((name) => { const file = path.join(at, 'build/x', name); return { text: fs.readFileSync(file, 'utf8'), written: fs.statSync(file).mtimeMs }; });
  };
  const first = stamps(0, '3.0.1');
  assert.match(first[1].text, /libssl-dev 3\.0\.1/);
  assert.deepEqual(stamps(3600, '3.0.1'), first, 'the same day, the same version: nothing is written');
  const later = stamps(86400, '3.0.2');
  assert.notEqual(later[0].text, first[0].text);
  assert.match(later[1].text, /libssl-dev 3\.0\.2/);
});

test('a system without dpkg links, too', () => {
  const { at, make } = clone('no-dpkg');
  program(path.join(at, 'bin/dpkg-query'), 'exit 127');
  lines(make(['-s', 'VARIANT=x', 'build/x/link-flags'], { PATH: `${at}/bin:${process.env.PATH}` }));
});

test('goals that remove what others make, or that start make anew, have their turn one after the other', () => {
  const { make } = clone('goals');
  const made = (...goals) => lines(make(['-j4', ...goals, 'MAKE=./make']));
  assert.deepEqual(made('clean', 'all', 'sim'), ['make clean at', 'make all at', 'make sim at']);
  assert.deepEqual(made('dist', 'dist-check'), ['make dist at', 'make dist-check at']);
  assert.deepEqual(made('release', 'dist-check', 'dist-again').length, 3);
  assert.match(make(['-n', 'clean']).stdout, /^rm -rf build dist$/m, 'alone it is what it was');
});

test('a release is made of a commit, signed, and never from an old version of a linked part', () => {
  const { at, make } = clone('release');
  program(path.join(at, 'bin/apt-get'), 'exit 0');
  program(path.join(at, 'bin/apt-cache'), 'printf "x:\\n  Installed: 1\\n  Candidate: 1\\n"');
  const release = (env = {}, args = []) => make(['release', 'MAKE=./make', ...args], { PATH: `${at}/bin:${process.env.PATH}`, HOME: at, ...env });
  const refused = (done, why) => { assert.notEqual(done.status, 0); assert.match(done.stderr, why); assert.doesNotMatch(done.stdout, /make dist/); };
  refused(release(), /releasable\.sh: a release is signed: make release SIGN_KEY=FILE/);
  assert.match(lines(release({}, ['SIGN_KEY=key.pem'])).join('\n'), /make dist/);
  program(path.join(at, 'bin/apt-get'), 'echo "no network" >&2; exit 100');
  refused(release({ SIGN_KEY: 'key.pem' }), /no network\nfresh\.sh: apt-get update failed/);
  fs.mkdirSync(path.join(at, 'src'));
  fs.writeFileSync(path.join(at, 'src/new.cc'), '');
  refused(release({ SIGN_KEY: 'key.pem' }), /changes that are in no commit:\n\?\? src\//);
});

test('a release is refused while the distribution has a newer version of a linked part, of this machine or of the other', () => {
  const bin = path.join(dir, 'apt'), cache = path.join(dir, 'cache');
  // What apt would say: all is of version 1, but $NAME has $NEWER.
  program(path.join(bin, 'apt-get'), 'exit 0');
  program(path.join(bin, 'apt-cache'), 'while [ "$1" != policy ]; do shift; done; shift', 'for name; do there=1; [ "$name" != "$NAME" ] || there=$NEWER; printf "%s:\\n  Installed: 1\\n  Candidate: %s\\n" "$name" "$there"; done');
  program(path.join(bin, 'uname'), 'echo x86_64');
  fs.mkdirSync(path.join(cache, 'sysroot-aarch64-linux-gnu'), { recursive: true });
  fs.writeFileSync(path.join(cache, 'sysroot-aarch64-linux-gnu/packages'), 'libssl-dev\topenssl\t1\t1\nlibc6-dev\tglibc\t1\t1\n');
  const ask = (NAME, NEWER, ...arches) => spawnSync(path.join(root, 'scripts/dist/fresh.sh'), arches, { encoding: 'utf8', env: { ...clean, PATH: `${bin}:${process.env.PATH}`, K0RDENT_MCP_CACHE: cache, NAME, NEWER } });
  assert.equal(ask('libssl-dev', '1', 'amd64', 'arm64').stderr, '');
  assert.equal(ask('libssl-dev', '1', 'amd64', 'arm64').status, 0);
  const [gcc] = run('g++', ['-dumpversion']).trim().split('.');
  for (const part of ['libssl-dev', 'libc6-dev', `libstdc++-${gcc}-dev`, 'ca-certificates']) {
    const { status, stderr } = ask(part, '2', 'amd64');
    assert.deepEqual([status, stderr], [1, `fresh.sh: ${part} 1 is installed, 2 is there\nfresh.sh: install them, then release\n`]);
  }
  const other = ask('libc6-dev:arm64', '2', 'amd64', 'arm64');
  assert.deepEqual([other.status, other.stderr], [1, 'fresh.sh: libc6-dev:arm64 1 is unpacked, 2 is there\nfresh.sh: apt-get update; scripts/deps.sh cross\n']);
  assert.equal(ask('libc6-dev:arm64', '2', 'amd64').status, 0, 'a release of amd64 alone');
});

test('an arm64 machine packs its own programs, and says so when others are asked for', () => {
  const bin = path.join(dir, 'arm64'), { make } = clone('of-arm64');
  program(path.join(bin, 'uname'), 'echo aarch64');
  const env = { PATH: `${bin}:${process.env.PATH}` };
  assert.deepEqual(lines(make(['dist', 'MAKE=./make'], env)).filter((line) => line.startsWith('make')).length, 1);
  assert.deepEqual(lines(make(['check', 'MAKE=./make'], { ...env, CI: 'true' })), ['deps build', 'deps test', 'make check-now at']);
  const { status, stderr } = spawnSync(path.join(root, 'scripts/deps.sh'), ['cross'], { encoding: 'utf8', env: { ...clean, ...env } });
  assert.equal(status, 1);
  assert.match(stderr, /a cross build is made on amd64, for arm64: this machine packs its own alone \(make dist DIST_ARCH=arm64\)/);
});

test('the arm64 libraries are Debian\'s own, the C library, too, and are unpacked anew when there is a newer one', { skip: fs.existsSync('/var/lib/dpkg/status') ? false : 'optional: no dpkg' }, () => {
  const bin = path.join(dir, 'unpack'), stage = path.join(dir, 'stage'), cache = path.join(dir, 'unpacked'), sysroot = path.join(cache, 'sysroot-aarch64-linux-gnu');
  const libraries = 'usr/lib/aarch64-linux-gnu';
  for (const folder of [libraries, 'usr/include', 'lib/aarch64-linux-gnu']) fs.mkdirSync(path.join(stage, folder), { recursive: true });
  fs.writeFileSync(path.join(stage, libraries, 'libc.so'), 'GROUP ( /lib/aarch64-linux-gnu/libc.so.6 /usr/lib/aarch64-linux-gnu/libc_nonshared.a  AS_NEEDED ( /lib/ld-linux-aarch64.so.1 ) )\n');
  fs.writeFileSync(path.join(stage, 'usr/include/stdlib.h'), '');
  fs.writeFileSync(path.join(stage, 'lib/aarch64-linux-gnu/libm.so.6'), 'of arm64');
  fs.symlinkSync('/lib/aarch64-linux-gnu/libm.so.6', path.join(stage, libraries, 'libm.so'));
  program(path.join(bin, 'uname'), 'echo x86_64');
  program(path.join(bin, 'aarch64-linux-gnu-g++'), 'echo 12');
  program(path.join(bin, 'qemu-aarch64-static'), 'exit 0');
  program(path.join(bin, 'apt-get'), 'for name; do :; done', 'case $name in *:arm64) echo "${name%:arm64}" >"${name%:arm64}.deb" ;; esac');
  program(path.join(bin, 'apt-cache'), 'while [ "$1" != policy ]; do shift; done; shift', 'for name; do printf "%s:\\n  Installed: (none)\\n  Candidate: %s\\n" "$name" "${CANDIDATE:-1-1}"; done');
  program(path.join(bin, 'dpkg-deb'), `case $1 in -f) [ "$3$4" = Package ] && cat "$2" || printf "Package: %s\\nVersion: 1-1\\n" "$(cat "$2")" ;; --fsys-tarfile) tar -C ${stage} -cf - . ;; esac`);
  const cross = (CANDIDATE = '') => lines(spawnSync(path.join(root, 'scripts/deps.sh'), ['cross'], { encoding: 'utf8', env: { ...clean, PATH: `${bin}:${process.env.PATH}`, K0RDENT_MCP_CACHE: cache, CANDIDATE } })).join();
  assert.equal(cross(), `unpacking: the arm64 libraries in ${sysroot}`);
  const packages = fs.readFileSync(path.join(sysroot, 'packages'), 'utf8').trim().split('\n');
  for (const name of ['libssl-dev', 'libc6', 'libc6-dev', 'libgcc-12-dev', 'libstdc++-12-dev', 'libstdc++6']) assert.ok(packages.includes(`${name}\t${name}\t1-1\t1-1`), name);
  assert.equal(fs.readFileSync(path.join(sysroot, libraries, 'libc.so'), 'utf8'), 'GROUP ( libc.so.6 libc_nonshared.a  AS_NEEDED ( ld-linux-aarch64.so.1 ) )\n', 'this machine\'s would be taken');
  assert.equal(fs.readFileSync(path.join(sysroot, libraries, 'libm.so'), 'utf8'), 'of arm64');
  assert.ok(!fs.existsSync(path.join(sysroot, 'usr/include/stdlib.h')), 'the headers of the C library are the compiler\'s');
  assert.equal(cross(), '');
  assert.equal(cross('1-1+b2'), '', 'a rebuild of another architecture');
  assert.match(cross('1-1+deb12u1'), /^unpacking/);
  fs.writeFileSync(path.join(sysroot, 'done'), '');
  assert.match(cross(), /^unpacking/, 'an older list of packages');
  // What it unpacked is what a program is linked with, before the compiler's own.
  const { make } = clone('cross-link');
  const [flags] = lines(make(['-s', 'CROSS=aarch64-linux-gnu-', 'VARIANT=x', 'build/x/link-flags'], { PATH: `${bin}:${process.env.PATH}`, K0RDENT_MCP_CACHE: cache })).concat(fs.readFileSync(path.join(dir, 'cross-link/build/x/link-flags'), 'utf8').split('\n')).filter(Boolean);
  for (const folder of [libraries, 'lib/aarch64-linux-gnu']) for (const option of ['-L', '-B']) assert.ok(flags.includes(` ${option}${sysroot}/${folder}`), flags);
});

const dynamic = /INTERP/.test(run('readelf', ['-lW', binary]));
const dpkg = spawnSync('dpkg-query', ['--version']).error;
test('the parts of a cross build are those of its own libraries, and the C library is the one that the program tells', { skip: dynamic || dpkg ? 'optional: the program is linked with shared libraries, or no dpkg' : false }, () => {
  const sysroot = path.join(dir, 'sysroot'), packages = path.join(sysroot, 'packages');
  fs.mkdirSync(sysroot);
  const parts = (...more) => spawnSync(path.join(root, 'scripts/dist/parts.sh'), [binary, ...more], { encoding: 'utf8' });
  const here = lines(parts()).map((line) => line.split('\t'));
  const write = (change) => fs.writeFileSync(packages, here.map(([name, , , pack, source, version]) => [pack, source, change(name) ?? version, 'x'].join('\t')).filter((line) => !line.includes('gone')).join('\n'));
  write(() => undefined);
  assert.deepEqual(parts('env', sysroot).stdout, parts().stdout);
  write((name) => (name === 'glibc' ? 'gone' : undefined));
  assert.match(parts('env', sysroot).stderr, /libc6-dev is not in .*: scripts\/deps\.sh cross/);
  const [, version] = here.find(([name]) => name === 'glibc');
  write((name) => (name === 'glibc' ? `${version}-0` : undefined)); // its banner has the whole version
  const { status, stderr } = parts('env', sysroot);
  assert.equal(status, 1);
  assert.match(stderr, /the program has glibc \S+, but libc6-dev is of .*-0: build it anew/);
});

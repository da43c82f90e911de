// The kubelet's part for the chart's pod: the Deployment that Helm installed and an unpacked image, run by runc as the pod's securityContext
// says, with its volumes filled from the API server. The network is the host's, because the API server is there on loopback.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { root } from './cluster.mjs';
import { freePort, run, start } from './proc.mjs';
import { until } from './wait.mjs';

/** The container runtimes' default profile as runc reads it, for a container without capabilities; Debian: golang-github-containers-common. */
const SECCOMP = '/usr/share/containers/seccomp.json';
export const haveRunc = () => fs.existsSync(SECCOMP) && ['/usr/sbin/runc', '/usr/bin/runc'].some((file) => fs.existsSync(file));

function seccomp() {
  const { defaultAction, defaultErrnoRet, archMap, syscalls } = JSON.parse(fs.readFileSync(SECCOMP, 'utf8'));
  const ours = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  const applies = ({ includes = {} }) => !includes.caps && (!includes.arches || includes.arches.includes(ours));
  return {
    defaultAction, defaultErrnoRet,
    architectures: archMap.filter(({ architecture }) => /X86_64|AARCH64/.test(architecture)).flatMap((each) => [each.architecture, ...(each.subArchitectures ?? [])]),
    syscalls: syscalls.filter(applies).map(({ names, action, args, errnoRet }) => ({ names, action, ...(args?.length && { args }), ...(errnoRet && { errnoRet }) })),
  };
}

/** Unpacks an image of an OCI layout into a folder; returns its configuration. Layers are applied in order; ours remove nothing. */
export function unpack(layout, rootfs, architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch]) {
  const blob = ({ digest }) => path.join(layout, 'blobs', digest.replace(':', '/'));
  const json = (descriptor) => JSON.parse(fs.readFileSync(blob(descriptor), 'utf8'));
  const [index] = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests;
  const manifest = json(json(index).manifests.find(({ platform }) => platform.architecture === architecture));
  fs.mkdirSync(rootfs, { recursive: true });
  for (const layer of manifest.layers) run('tar', ['-xzf', blob(layer), '-C', rootfs, '--numeric-owner', '--same-owner', '-p']);
  return json(manifest.config).config;
}

/** Runs a container to its end or until stop(): {child, exited, output(), stop()}. uid, gid: numbers; mounts: [{to, from, options}…]. */
export function contain(dir, rootfs, { uid, gid, groups = [], args, env = [], mounts = [] }) {
  const bundle = fs.mkdtempSync(path.join(dir, 'bundle-'));
  const name = `k0rdent-mcp-${randomBytes(4).toString('hex')}`;
  const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  fs.writeFileSync(path.join(bundle, 'config.json'), JSON.stringify({
    ociVersion: '1.0.2',
    process: { terminal: false, user: { uid, gid, additionalGids: groups }, args, env, cwd: '/', capabilities: none, noNewPrivileges: true },
    root: { path: rootfs, readonly: true },
    hostname: name,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
      ...mounts.map(({ to, from, options }) => ({ destination: to, type: 'bind', source: from, options: ['bind', ...options] })),
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })), seccomp: seccomp(),
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list'], readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  }));
  const state = path.join(dir, 'runc');
  const log = path.join(bundle, 'log');
  const out = fs.openSync(log, 'a');
  const child = start('runc', ['--root', state, 'run', '--bundle', bundle, name], { stdio: ['ignore', out, out] });
  fs.closeSync(out);
  return {
    exited: child.exited,
    output: () => fs.readFileSync(log, 'utf8'),
    /** The status of its first process, as /proc has it. */
    status: () => {
      const { pid } = JSON.parse(run('runc', ['--root', state, 'state', name]));
      return Object.fromEntries(fs.readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/)));
    },
    /** SIGTERM, and the end that follows. */
    async stop() {
      run('runc', ['--root', state, 'kill', name, 'TERM']);
      return child.exited;
    },
  };
}

const decode = (text) => Buffer.from(text, 'base64');

/** What a volume of the pod holds, as {file: bytes}. */
async function filesOf(cluster, namespace, volume, account) {
  const core = `/api/v1/namespaces/${namespace}`;
  const chosen = (data, items, bytes) => Object.fromEntries((items ?? Object.keys(data).map((key) => ({ key, path: key }))).map((item) => [item.path, bytes(data[item.key])]));
  if (volume.emptyDir) return {};
  if (volume.configMap) return chosen((await cluster.kube.get(`${core}/configmaps/${volume.configMap.name}`)).data, volume.configMap.items, Buffer.from);
  if (volume.secret) return chosen((await cluster.kube.get(`${core}/secrets/${volume.secret.secretName}`)).data, volume.secret.items, decode);
  const files = {};
  for (const { configMap, serviceAccountToken } of volume.projected.sources) {
    if (configMap) Object.assign(files, await filesOf(cluster, namespace, { configMap }));
    if (serviceAccountToken) {
      const { expirationSeconds } = serviceAccountToken;
      const { status } = await cluster.kube.create(`${core}/serviceaccounts/${account}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds } });
      files[serviceAccountToken.path] = Buffer.from(status.token);
    }
  }
  return files;
}

/** The status of an answer; rejects where there is none. */
export const get = (url, headers = {}) => new Promise((resolve, reject) => {
  http.get(url, { headers }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
});

const mebibytes = (text) => Number(/^(\d+)Mi$/.exec(text)[1]) * 2 ** 20;

/**
 * Runs the pod of a Deployment: contain()'s, with `url`, its address. port, ops: in place of 6767 and 6768, which other tests may have.
 * The API server has no controllers here, so kube-root-ca.crt is made.
 */
export async function runPod(t, { cluster, deployment, layout, dir, port, ops }) {
  const { namespace } = deployment.metadata, { spec } = deployment.spec.template, [container] = spec.containers;
  const { runAsUser, runAsGroup, fsGroup, runAsNonRoot } = spec.securityContext;
  assert.ok(runAsNonRoot && runAsUser > 0 && container.securityContext.readOnlyRootFilesystem);
  await cluster.kube.ask('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': fs.readFileSync(cluster.ca, 'utf8') } });
  const mounts = [];
  for (const { name, mountPath, readOnly } of container.volumeMounts) {
    const volume = spec.volumes.find((each) => each.name === name), from = path.join(dir, `volume-${name}`);
    fs.mkdirSync(from, { recursive: true });
    fs.chownSync(from, 0, fsGroup);
    fs.chmodSync(from, volume.emptyDir ? 0o2777 : 0o750);
    for (const [file, bytes] of Object.entries(await filesOf(cluster, namespace, volume, spec.serviceAccountName))) {
      fs.writeFileSync(path.join(from, file), bytes);
      fs.chownSync(path.join(from, file), 0, fsGroup);
      fs.chmodSync(path.join(from, file), 0o440);
    }
    mounts.push({ to: mountPath, from, options: [readOnly ? 'ro' : 'rw'] });
  }
  const rootfs = path.join(dir, 'rootfs'), image = unpack(layout, rootfs);
  // A mount's place must be there, because the root is read-only; a runtime makes it in the image's upper layer.
  for (const { to } of mounts) fs.mkdirSync(path.join(rootfs, to), { recursive: true });
  const env = container.env.map(({ name, value, valueFrom }) => `${name}=${value ?? (valueFrom.fieldRef ? namespace : mebibytes(container.resources.limits.memory))}`);
  const pod = contain(dir, rootfs, {
    uid: runAsUser, gid: runAsGroup, groups: [fsGroup], mounts,
    // As the kubelet, which knows the variables of env.
    args: [...image.Entrypoint, ...container.args.map((arg) => arg.replaceAll('$(POD_NAMESPACE)', namespace).replace(/^(--listen=.*):6767$/, `$1:${port}`).replace(/^(--ops-listen=.*):6768$/, `$1:${ops}`))],
    env: [...image.Env, 'KUBERNETES_SERVICE_HOST=127.0.0.1', `KUBERNETES_SERVICE_PORT=${cluster.port}`, ...env],
  });
  pod.url = new URL(`http://127.0.0.1:${port}/mcp`);
  let ended;
  pod.exited.then((end) => (ended = end));
  t.after(async () => { if (!ended) await pod.stop(); });
  await until(() => `the pod to be ready: ${pod.output()}`, async () => {
    assert.equal(ended, undefined, pod.output());
    // As a kubelet asks: by the pod's address.
    return (await get(`http://127.0.0.1:${ops}/readyz`, { host: `10.1.2.3:${ops}` })) === 200;
  }, { ms: 20_000, every: 50 });
  return pod;
}

let python; // which has helm's code
/** Whether Helm can be had here; it is then installed. */
export function helm() {
  python ??= spawnSync(path.join(root, 'test/chart/setup.sh'), { encoding: 'utf8' });
  return python.status === 0;
}

/** The objects that the chart renders for a release with the values of a file. Requires: helm(). */
export function template(name, namespace, values) {
  const text = run(python.stdout.trim(), [path.join(root, 'test/chart/helm.py'), 'template', name, path.join(root, 'deploy/chart'), '--namespace', namespace, '--values', values]);
  return parseAllDocuments(text, { version: '1.1' }).map((doc) => doc.toJS()).filter(Boolean);
}

/**
 * A chart (folder or archive) installed by Helm in a restricted namespace, and its pod, running: runPod()'s. Requires: helm().
 * prepare(namespace): makes what the values name.
 */
export async function installPod(t, { cluster, chart, values = {}, prepare = async () => {}, layout, dir }) {
  const where = fs.mkdtempSync(path.join(dir, 'pod-'));
  const namespace = await cluster.kube.namespace('pod', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await prepare(namespace);
  const file = path.join(where, 'values.yaml');
  fs.writeFileSync(file, JSON.stringify(values));
  run(python.stdout.trim(), [path.join(root, 'test/chart/helm.py'), 'install', 'mcp', chart, '--values', file,
    '--namespace', namespace, '--kubeconfig', cluster.kubeconfig({ token: cluster.tokens.harness })]);
  const deployment = await cluster.kube.get(`/apis/apps/v1/namespaces/${namespace}/deployments/mcp-k0rdent-mcp`);
  return runPod(t, { cluster, deployment, layout, dir: where, port: await freePort(), ops: await freePort() });
}

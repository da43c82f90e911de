// The same writes, to the simulated API server of the unit tests and to the real one: status codes, causes, messages, generation,
// whether the version changed, and managedFields must be the same.
import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { Cluster, root } from './lib/cluster.mjs';
import { Kube } from './lib/kube.mjs';
import { start } from './lib/proc.mjs';
import { until } from './lib/wait.mjs';
import { steps } from './lib/write_steps.mjs';

const binary = path.resolve(root, process.env.K0RDENT_MCP_SIM_BIN || 'build/k0rdent-mcp-sim');

const sorted = (value) => Array.isArray(value) ? value.map(sorted)
  : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
    : value;

/** Times, uids and versions differ between two servers; what they say of them is kept. */
function plain(body, known) {
  if (body === undefined) return undefined;
  let text = JSON.stringify(body);
  for (const [value, name] of known) if (value) text = text.replaceAll(value, name);
  const out = JSON.parse(text);
  out?.details?.causes?.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const metadata = out?.metadata;
  if (metadata) {
    for (const key of ['creationTimestamp', 'deletionTimestamp', 'selfLink']) if (metadata[key]) metadata[key] = 'a time';
    if (metadata.resourceVersion) metadata.resourceVersion = 'a version';
    if (metadata.uid) metadata.uid = 'a uid';
    for (const entry of metadata.managedFields ?? []) delete entry.time;
    metadata.managedFields?.sort((a, b) => (JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1));
  }
  return sorted(out);
}

async function story(kube, ns) {
  const told = [];
  await kube.create('/api/v1/namespaces', { metadata: { name: ns } });
  const first = new Map();
  for (const step of steps(ns)) {
    const before = step.object ? (await kube.ask('GET', step.object)).body : undefined;
    if (before?.metadata?.uid && !first.has(step.object)) first.set(step.object, before.metadata);
    const body = typeof step.body === 'function' ? step.body(before) : step.body;
    const answer = await kube.ask(step.method, step.path, body, step.type);
    const after = step.object ? (await kube.ask('GET', step.object)).body : undefined;
    const known = [[before?.metadata?.uid, 'its-uid'], [after?.metadata?.uid, 'its-uid'],
      [`(${before?.metadata?.resourceVersion})`, '(its version)']];
    told.push({
      title: step.title, status: answer.status,
      version: before?.metadata?.resourceVersion === after?.metadata?.resourceVersion ? 'unchanged' : 'changed',
      answer: plain(step.shape ? step.shape(answer.body) : answer.body, known),
      after: plain(after, known),
    });
  }
  return told;
}

test('the simulated API server answers writes as the real one does', { timeout: 120_000 }, async (t) => {
  assert.ok(fs.existsSync(binary), `${binary} is there: make sim`);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-sim-'));
  const config = path.join(dir, 'config');
  const sim = start(binary, ['--kubeconfig-out', config, '--fixtures', path.join(root, 'test/fixtures/k0rdent')]);
  try {
    await until('the simulated API server', () => fs.existsSync(config));
    const text = fs.readFileSync(config, 'utf8');
    const part = (name) => new RegExp(`${name}: (\\S+)`).exec(text)[1];
    fs.writeFileSync(path.join(dir, 'ca'), Buffer.from(part('certificate-authority-data'), 'base64'));
    const sham = await story(new Kube(part('server'), path.join(dir, 'ca'), { token: part('token') }), 'parity');
    const real = await story(Cluster.shared().kube, 'parity');
    await t.test('the audit id that a client gives is the answer\'s', async () => {
      for (const [url, ca, token] of [
        [part('server'), path.join(dir, 'ca'), part('token')],
        [Cluster.shared().url, Cluster.shared().ca, Cluster.shared().tokens.harness],
      ]) {
        const id = await new Promise((resolve, reject) => https.get(`${url}/api/v1/namespaces/default`, {
          ca: fs.readFileSync(ca), headers: { authorization: `Bearer ${token}`, 'audit-id': 'given-1' },
        }, (response) => resolve(response.resume().headers['audit-id'])).on('error', reject));
        assert.equal(id, 'given-1');
      }
    });
    for (let i = 0; i < real.length; i++) await t.test(real[i].title, () => assert.deepEqual(sham[i], real[i]));
  } finally {
    sim.kill('SIGTERM');
    await sim.exited;
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

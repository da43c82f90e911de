// The end-to-end tests: starts the API server once, loads it, runs the stories under node's test runner, stops it.
// usage: node run.mjs [--junit FILE] [--keep] [story.test.mjs…]      exit code: 0 when every story passed
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { Cluster, root } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';

// These wait for the server's own times, up to two minutes: they begin first, beside all others.
const LONG = ['each_write.test.mjs', 'graph.test.mjs', 'graph_real.test.mjs', 'rights.test.mjs', 'watch_life.test.mjs'];
const here = path.dirname(new URL(import.meta.url).pathname);
const files = [];
let junit, keep = false;
for (let args = process.argv.slice(2); args.length; ) {
  const arg = args.shift();
  if (arg === '--junit') junit = path.resolve(args.shift());
  else if (arg === '--keep') keep = true;
  else files.push(path.resolve(here, path.basename(arg)));
}
if (!files.length) {
  const all = fs.readdirSync(here).filter((f) => f.endsWith('.test.mjs'));
  files.push(...[...LONG, ...all.filter((f) => !LONG.includes(f))].map((f) => path.join(here, f)));
}
const binary = path.resolve(root, process.env.K0RDENT_MCP_BIN || 'build/k0rdent-mcp');
if (!fs.existsSync(binary)) {
  console.error(`e2e: ${binary} does not exist; build it first, or name another in K0RDENT_MCP_BIN`);
  process.exit(1);
}

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-e2e-'));
const began = performance.now();
const say = (text) => console.log(`e2e: ${text} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
let code = 1;
const cluster = await Cluster.start(path.join(dir, 'cluster'));
const stopRunner = { kill() {} };
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopRunner.kill('SIGTERM'));
try {
  say('kube-apiserver is ready');
  await loadCrds(cluster.kube, OWN_CRDS);
  await loadObjects(cluster.kube, readFolder(FIXTURES));
  say('sample objects are loaded');
  const runner = spawn(process.execPath, [
    '--test', '--test-concurrency=4', '--test-timeout=300000',
    '--test-reporter=spec', '--test-reporter-destination=stdout',
    ...(junit ? ['--test-reporter=junit', `--test-reporter-destination=${junit}`] : []),
    ...files,
  ], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, E2E_CLUSTER: cluster.describe(), E2E_DIR: dir, K0RDENT_MCP_BIN: binary },
  });
  stopRunner.kill = (signal) => runner.kill(signal);
  code = await new Promise((resolve) => runner.on('exit', (status, signal) => resolve(signal ? 1 : status)));
} finally {
  await cluster.stop();
}
// What a failure leaves is for reading: etcd's files are half a gigabyte of nothing that one would.
for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
  if (entry.isDirectory()) fs.rmSync(path.join(dir, entry.name, 'etcd'), { recursive: true, force: true });
}
say(code === 0 ? 'every story passed' : `failed; the logs are in ${dir}`);
if (code === 0 && !keep) fs.rmSync(dir, { recursive: true, force: true });
process.exit(code);

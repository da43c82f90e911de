// Runs the clients of clients.txt, each against a server of its own on one simulated cluster, and writes each as one test into a
// JUnit file. One line a client, then the sum.
// usage: node run.mjs RESULT_JUNIT_FILE [ci|all] [WORD...]     WORD: only rows that hold it, e.g. python, 1.8.0
// exit code: 0 when no client failed; a toolchain that is missing is a skip, which the caller judges.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { install, Missing } from './install.mjs';
import { freePort } from '../e2e/lib/proc.mjs';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const root = path.resolve(here, '../..');
const cache = process.env.K0RDENT_MCP_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'k0rdent-mcp');
const program = path.resolve(root, process.env.K0RDENT_MCP_BIN || 'build/k0rdent-mcp');
const simulator = path.resolve(root, process.env.K0RDENT_MCP_SIM_BIN || 'build/k0rdent-mcp-sim');
const [result, when = 'all', ...words] = process.argv.slice(2);
const STORY_MS = 90_000;
const AT_ONCE = 2;
// Of the session's event streams in a whole story: one before the restart, and after it one for the new session, with a few that
// are tried while the server is away. One that is opened again each second would be many more.
const MOST_STREAMS = 6;
const STEPS = ['connect', 'list', 'call', 'read', 'subscribe', 'update', 'ready', 'survive'];

const columns = ['language', 'package', 'version', 'mode', 'revision', 'survives', 'with', 'when'];
const rows = fs.readFileSync(path.join(here, 'clients.txt'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => Object.fromEntries(line.trim().split(/\s+/).map((cell, i) => [columns[i], cell])))
  .filter((row) => (when === 'all' || row.when === when) && words.every((word) => Object.values(row).includes(word)));

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-clients-'));
const children = new Set();
function start(file, args, options) {
  const child = spawn(file, args, options);
  children.add(child);
  child.exited = new Promise((resolve) => child.once('exit', (code, signal) => { children.delete(child); resolve(signal ?? code); }));
  child.on('error', () => {});
  return child;
}
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });

async function until(what, ask, ms = 20_000) {
  for (const end = Date.now() + ms; !(await ask());) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const kubeconfig = path.join(dir, 'kubeconfig');
async function startCluster() {
  start(simulator, ['--fixtures', path.join(root, 'test/fixtures/k0rdent'), '--kubeconfig-out', kubeconfig, '--events-every', '200ms'],
    { stdio: 'ignore' });
  await until('the simulated cluster', () => fs.existsSync(kubeconfig));
}

async function startServer(port, log) {
  const fd = fs.openSync(log, 'a');
  const env = { PATH: process.env.PATH, HOME: dir };
  const server = start(program, ['serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', kubeconfig, '--log-level', 'debug'],
    { stdio: ['ignore', fd, fd], env });
  fs.closeSync(fd);
  await until('the server to be ready', () => fetch(`http://127.0.0.1:${port}/readyz`).then((r) => r.ok, () => false));
  return server;
}

/** The story of one client; resolves with what it said, step by step. */
async function play(row, command, log) {
  const port = await freePort();
  let server = await startServer(port, log);
  const [file, ...args] = command(`http://127.0.0.1:${port}/mcp`);
  const client = start(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => client.kill('SIGKILL'), STORY_MS);
  const steps = [];
  let rest = '', said = '';
  client.stdin.on('error', () => {});
  client.stderr.on('data', (part) => { said += part; });
  client.stdout.on('data', async (part) => {
    rest += part;
    said += part;
    const lines = rest.split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const found = /^ok (\S+) ?(.*)$/.exec(line);
      if (found) steps.push({ step: found[1], detail: found[2] });
      if (found?.[1] !== 'ready') continue;
      server.kill('SIGTERM');
      await server.exited;
      server = await startServer(port, log);
      client.stdin.write('restarted\n');
    }
  });
  const end = await client.exited;
  clearTimeout(timer);
  server.kill('SIGTERM');
  await server.exited;
  fs.appendFileSync(log, said);
  const last = (step) => steps.findLast((each) => each.step === step)?.detail.trim();
  const undone = STEPS.filter((step) => last(step) === undefined);
  if (end !== 0 || undone.length) throw new Error(`${undone.length ? `did not come to: ${undone.join(', ')}` : `ended with ${end}`}\n${said}`);
  const revision = steps.find((each) => each.step === 'connect').detail.trim();
  if (row.revision !== '-' && revision !== row.revision) throw new Error(`speaks ${revision}, not ${row.revision}`);
  if (!last('survive').startsWith(row.survives)) throw new Error(`went on with the ${last('survive')}\n${said}`);
  const streams = fs.readFileSync(log, 'utf8').split('"msg":"stream opened"').length - 1;
  if (streams > MOST_STREAMS) throw new Error(`opened ${streams} event streams`);
  return `${revision}, after the restart: ${last('survive')}`;
}

const outcomes = []; // {name, seconds, problem, skipped}
async function one({ row, command, error: unusable }) {
  const name = [row.language, row.package, row.version, row.mode === '-' ? '' : row.mode].filter(Boolean).join(' ');
  const outcome = { name };
  const log = path.join(dir, `${name.replace(/[^\w.]+/g, '-')}.log`);
  try {
    if (unusable) throw unusable;
    const began = performance.now();
    outcome.detail = await play(row, command, log);
    outcome.seconds = (performance.now() - began) / 1000;
    console.log(`ok       ${name.padEnd(44)} ${outcome.detail} (${outcome.seconds.toFixed(1)} s)`);
  } catch (error) {
    if (error instanceof Missing) outcome.skipped = error.message;
    else outcome.problem = error.message;
    console.log(`${outcome.skipped ? 'skipped' : 'FAILED '}  ${name.padEnd(44)} ${error.message}${outcome.skipped ? '' : `\n         log: ${log}`}`);
  }
  outcomes.push(outcome);
}

fs.mkdirSync(cache, { recursive: true });
// All of them before the first story: installing blocks this process, and takes the cores that the stories' time is measured on.
const waiting = rows.map((row) => {
  try {
    return { row, command: install(row, cache) };
  } catch (error) {
    return { row, error };
  }
});
await startCluster();
await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let next; (next = waiting.shift());) await one(next); }));

const xml = (text) => text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }[c])).replace(/[^\x20-\x7e\n]/g, '?');
const failed = outcomes.filter((each) => each.problem), skipped = outcomes.filter((each) => each.skipped);
fs.mkdirSync(path.dirname(path.resolve(result)), { recursive: true });
fs.writeFileSync(result, `<?xml version="1.0" encoding="utf-8"?>\n<testsuites tests="${outcomes.length}" failures="${failed.length}" skipped="${skipped.length}">\n` +
  outcomes.map(({ name, seconds = 0, problem, skipped: why }) => `  <testcase name="${xml(name)}" classname="clients" time="${seconds.toFixed(3)}">` +
    `${problem ? `<failure message="${xml(problem.split('\n')[0])}"/>` : ''}${why ? `<skipped type="skipped" message="${xml(why)}"/>` : ''}</testcase>\n`).join('') +
  '</testsuites>\n');
console.log(`${outcomes.length - failed.length - skipped.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
if (!failed.length) fs.rmSync(dir, { recursive: true, force: true });
process.exit(failed.length ? 1 : 0);

// What many subscribers, many watches and much at once cost this server alone.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { ask, calm, end, freePort, mcpHeaders, message, rss, run, session, stream, until, work } from './lib.mjs';

const binary = process.env.K0RDENT_MCP_BIN;
const sim = process.env.K0RDENT_MCP_SIM_BIN;
const kubeconfig = path.join(work, 'kubeconfig');

/** Rows that no peer has a part in. */
const ours = (row) => (what, unit, figure, aim, lowerIsBetter = true) => row(what, unit, [figure], aim, lowerIsBetter);

/** Starts us on the cluster of a kubeconfig; ready and at rest. */
async function serve(config, ...flags) {
  const port = await freePort();
  // All clients of these rows are one caller, who follows more than one would.
  const child = run(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', config, '--log-level', 'warn', '--max-watches-per-caller', '100000', ...flags]);
  await until('ready', async () => (await ask(port, { target: '/readyz' })).status === 200);
  await calm();
  return { child, port };
}

/** Posts one event to the simulated API server. */
function emitter() {
  const text = fs.readFileSync(kubeconfig, 'utf8');
  const server = new URL(/server: "?([^\s"]+)/.exec(text)[1]);
  const token = /token: "?([^\s"]+)/.exec(text)[1];
  const agent = new https.Agent({ keepAlive: true });
  return (ns, name) => new Promise((resolve, reject) => {
    const body = JSON.stringify({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, namespace: ns }, eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'bench', reportingInstance: 'bench', action: 'Measure', reason: 'Bench', type: 'Normal', note: name, regarding: { kind: 'Namespace', name: ns, namespace: ns } });
    const request = https.request({ host: server.hostname, port: server.port, rejectUnauthorized: false, agent, method: 'POST', path: `/apis/events.k8s.io/v1/namespaces/${ns}/events`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } }, (answer) => { answer.resume().on('end', resolve); if (answer.statusCode >= 300) reject(new Error(`POST event: ${answer.statusCode}`)); });
    request.on('error', reject).end(body);
  });
}

/** A value of /metrics; the sum over all labels when `name` has none. */
export async function metric(port, name) {
  const { text } = await ask(port, { target: '/metrics' });
  return text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** A program of the benchmark that talks in lines. */
export function talk(program, args) {
  const child = run(path.join(work, program), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = [], waiting = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    const all = (rest + part).split('\n');
    rest = all.pop();
    for (const line of all) waiting.length ? waiting.shift()(line) : lines.push(line);
  });
  return { child, forget: () => lines.splice(0), say: (text) => child.stdin.write(`${text}\n`), line: () => (lines.length ? Promise.resolve(lines.shift()) : new Promise((resolve) => waiting.push(resolve))) };
}

/** Us against the API server whose answers are made beforehand. */
async function serveFlood(events, objects) {
  const config = path.join(work, 'flood-kubeconfig');
  const api = talk('flood-api', [config, `${events}`, `${objects}`]);
  const [, listBytes] = (await api.line()).split(' ');
  return { ...await serve(config), api, listBytes: Number(listBytes) };
}

/** Subscribes one session after the other to these URIs, as many as one may have. */
async function subscribeAll(port, uris) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let id = null;
  for (const [i, uri] of uris.entries()) {
    if (i % 250 === 0) await stream(port, (id = await session(port, agent)));
    const answer = await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri }), agent });
    if (!answer.text.includes('"result"')) throw new Error(`${uri}: ${answer.text}`);
  }
  agent.destroy();
}

export async function subscribers(row) {
  const own = ours(row);
  const count = 10_000;
  const { child, port } = await serve(kubeconfig, '--max-sessions', '20000');
  const load = talk('subscribers', [`${port}`, `${count}`, 'k0rdent://events/kcm-system']);
  if (await load.line() !== 'ready') throw new Error('subscribers: not ready');
  await calm();
  own(`${count.toLocaleString('en')} subscribers of one key: memory`, 'MB', rss(child) / 1024, '≤ 80');
  own('  watches at the API server', '', await metric(port, 'k0rdent_mcp_watches'), '1');
  load.forget(); // what there was before
  const emit = emitter();
  const times = [];
  let bytes = 0;
  const before = await metric(port, 'process_cpu_seconds_total');
  for (let i = 0; i < 21; ++i) {
    const start = process.hrtime.bigint();
    await emit('kcm-system', `fan-${i}-${Date.now()}`);
    const [, , last, came] = (await load.line()).split(' ');
    times.push(Number(BigInt(last) - start) / 1e6);
    bytes = Number(came) / count;
  }
  const used = await metric(port, 'process_cpu_seconds_total') - before;
  times.sort((a, b) => a - b);
  own('  from the POST of an event to the last byte, median', 'ms', times[10], '≤ 60');
  own('  the slowest of 21', 'ms', times[20], '');
  own('  our processor time for one event', 'ms', (used * 1000) / times.length, '≤ 1.25 × the kernel alone');
  own('  memory after that', 'MB', rss(child) / 1024, '≤ 80');
  load.child.kill();
  await end(child);
  const [cpu, wall] = execFileSync(path.join(work, 'sends'), [`${count}`, `${Math.round(bytes)}`], { encoding: 'utf8' }).trim().split(' ').map(Number);
  own(`  the kernel alone, ${count.toLocaleString('en')} sends of ${Math.round(bytes)} bytes: processor time`, 'ms', cpu, '');
  own('  and from the first send to the last byte', 'ms', wall, '');
  console.log(`  ours is ${((used * 1000) / times.length / cpu).toFixed(2)} of it by processor time, ${(times[10] / wall).toFixed(2)} by the clock`);
}

/** Processor time of the server for one request of a load of some seconds, in µs. */
export async function cpuOf(port, load, seconds = 2) {
  const served = () => metric(port, 'k0rdent_mcp_requests_total');
  const [cpu, requests] = [await metric(port, 'process_cpu_seconds_total'), await served()];
  load(seconds);
  return ((await metric(port, 'process_cpu_seconds_total') - cpu) * 1e6) / (await served() - requests);
}

export async function listens(row) {
  const own = ours(row);
  const count = 10_000;
  const { child, port } = await serve(kubeconfig);
  // The first one brings the watch and its store, which are not its own.
  const first = talk('subscribers', [`${port}`, '1', 'k0rdent://events/kcm-system', 'listen']);
  if (await first.line() !== 'ready') throw new Error('subscribers: not ready');
  await calm();
  const before = rss(child);
  const load = talk('subscribers', [`${port}`, `${count}`, 'k0rdent://events/kcm-system', 'listen']);
  if (await load.line() !== 'ready') throw new Error('subscribers: not ready');
  await calm();
  own(`memory per open listen stream (${count.toLocaleString('en')})`, 'kB', (rss(child) - before) / count, '≤ 8');
  own('  watches at the API server', '', await metric(port, 'k0rdent_mcp_watches'), '1');
  load.forget(); // what there was before
  const start = process.hrtime.bigint();
  await emitter()('kcm-system', `listen-${Date.now()}`);
  const [, , last] = (await load.line()).split(' ');
  own('  from the POST of an event to the last byte', 'ms', Number(BigInt(last) - start) / 1e6, '');
  own('  memory per stream after that', 'kB', (rss(child) - before) / count, '≤ 8');
  load.child.kill();
  first.child.kill();
  await end(child);
}

export async function keys(row) {
  const own = ours(row);
  const count = 1000;
  const config = path.join(work, 'keys-kubeconfig');
  fs.rmSync(config, { force: true });
  const many = run(sim, ['--kubeconfig-out', config, '--objects', `${count}`]);
  await until('the simulated API server', async () => fs.existsSync(config) && fs.statSync(config).size > 0);
  const { child, port } = await serve(config);
  const before = rss(child);
  await subscribeAll(port, Array.from({ length: count }, (_, i) => `k0rdent://events/bench-${String(i).padStart(6, '0')}`));
  await calm(4000);
  own(`memory per idle watch over TLS (${count})`, 'kB', (rss(child) - before) / count, '≤ 40');
  own('  connections to the API server', '', await metric(port, 'k0rdent_mcp_kube_connections'), '');
  await end(child);
  await end(many);
}

export async function decode(row) {
  const own = ours(row);
  const { api, child, port, listBytes } = await serveFlood(100_000, 5000);
  const cpu = () => metric(port, 'process_cpu_seconds_total');
  const memory = rss(child);
  let before = await cpu();
  const load = talk('subscribers', [`${port}`, '1', 'k0rdent://events/bench']);
  if (await load.line() !== 'ready') throw new Error('subscribers: not ready');
  const listTime = await cpu() - before;
  own(`a list of 5,000 objects (${(listBytes / 1e6).toFixed(1)} MB), to the first delta`, 'MB/s', listBytes / 1e6 / listTime, '≥ 300', false);
  await calm();
  fs.writeFileSync(`/proc/${child.pid}/clear_refs`, '5'); // the peak begins anew: proc(5)
  before = await cpu();
  const start = process.hrtime.bigint();
  api.say('flood');
  const bytes = Number((await api.line()).split(' ')[1]);
  let said = '';
  while (!(said = await load.line()).startsWith('last ')) ;
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const used = await cpu() - before;
  const peak = rss(child, 'VmHWM');
  own(`a stream of 100,000 events (${(bytes / 1e6).toFixed(0)} MB), by processor time`, 'MB/s', bytes / 1e6 / used, '≥ 300', false);
  own('  by the clock', 'MB/s', bytes / 1e6 / wall, '', false);
  own('  growth of memory, list and stream', 'MB', (peak - memory) / 1024, '≤ 16');
  own('  deltas told', '', await metric(port, 'k0rdent_mcp_notifications_sent_total'), '');
  own('  deltas folded or dropped', '', await metric(port, 'k0rdent_mcp_notifications_folded_total') + await metric(port, 'k0rdent_mcp_notifications_dropped_total'), '0');
  load.child.kill();
  api.child.kill();
  await end(child);
}

export async function storm(row) {
  const own = ours(row);
  const count = 1000;
  const { api, child, port } = await serveFlood(1, 1);
  await subscribeAll(port, Array.from({ length: count }, (_, i) => `k0rdent://events/storm-${i}`));
  await until('all watch', async () => await metric(port, 'k0rdent_mcp_watches{manager="events",state="confirmed"}') === count);
  api.say('cut');
  await api.line();
  await calm(75_000);
  api.say('arrivals');
  const arrivals = new Map();
  for (let line; (line = await api.line()) !== 'end';) arrivals.set(...line.split(' ').map(Number));
  console.log(`  ${count} watches cut at once, every answer 503: requests in each second after the cut`);
  const seconds = [...arrivals.keys()].sort((a, b) => a - b);
  for (let at = 0; at < seconds.length; at += 12) console.log(`    ${seconds.slice(at, at + 12).map((s) => `${s}s:${arrivals.get(s)}`.padEnd(9)).join(' ')}`);
  own('  most requests in one second', '1/s', Math.max(...arrivals.values()), `≤ ${count}`);
  api.child.kill();
  await end(child);
}

// The rows of the benchmark. Each measures the same work on both servers, against the same simulated API server; no row asserts anything.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { ask, calm, cluster, end, endAll, freePort, initialize, mcpHeaders, message, modern, rss, run, session, stream, until, work, wrk } from './lib.mjs';
import { whose } from './whose.mjs';
import { misuse, strangers } from './misuse.mjs';
import { lists } from './lists.mjs';
import * as scale from './scale.mjs';
import { withOAuth } from './oauth.mjs';
import { fairness, overTls } from './tls.mjs';

const ours = process.env.K0RDENT_MCP_BIN;
const sim = process.env.K0RDENT_MCP_SIM_BIN;
const peer = process.env.BENCH_PEER;
const kubeconfig = path.join(work, 'kubeconfig');
const wanted = process.argv.slice(2);
const rows = [];
let api;  // the simulated API server

const us = { name: 'k0rdent-mcp', binary: ours, args: (port) => ['serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', kubeconfig, '--log-level', 'warn'], call: 'k0rdent.mgmt.namespaces.list' };
const them = { name: 'kubernetes-mcp-server', binary: peer, args: (port) => ['--port', `${port}`, '--bind-address', '127.0.0.1', '--kubeconfig', kubeconfig, '--cluster-provider', 'kubeconfig', '--log-file', '/dev/null'], call: 'namespaces_list' };
const both = peer ? [us, them] : [us];

async function startApi(...flags) {
  if (api) await end(api);
  fs.rmSync(kubeconfig, { force: true });
  api = run(sim, ['--kubeconfig-out', kubeconfig, ...flags]);
  await until('the simulated API server', async () => fs.existsSync(kubeconfig) && fs.statSync(kubeconfig).size > 0);
}

async function serve(server, ...flags) {
  const port = await freePort();
  const child = run(server.binary, [...server.args(port), ...flags]);
  await until(`${server.name} answers`, async () => (await ask(port, { target: server === us ? '/readyz' : '/healthz' })).status === 200);
  return { child, port };
}

/** fn on each server, fresh; [our figure, the peer's]. */
async function each(fn) {
  const figures = [];
  for (const server of both) {
    const running = await serve(server);
    figures.push(await fn(running, server));
    await end(running.child);
  }
  return figures;
}

/** lowerIsBetter: the ratio says how many times better ours is. */
function row(what, unit, [a, b], aim, lowerIsBetter = true) {
  const show = (n) => (n === undefined ? '–' : n >= 100 ? Math.round(n).toLocaleString('en') : n.toFixed(n < 10 ? 2 : 1));
  const ratio = b === undefined ? '' : `${show(lowerIsBetter ? b / a : a / b)}×`;
  rows.push({ what, unit, ours: a, peer: b, aim });
  console.log(`${what.padEnd(44)} ${show(a).padStart(10)} ${show(b).padStart(10)} ${ratio.padStart(9)}   ${unit.padEnd(8)} ${aim}`);
}

const measures = {
  async ready() {
    const figures = [];
    for (const server of both) {
      const port = await freePort();
      figures.push(Number(execFileSync(path.join(work, 'spawn-ready'), [server === us ? '21' : '7', `${port}`, server.binary, ...server.args(port)], { encoding: 'utf8' })));
    }
    row('spawn to ready', 'ms', figures, '≤ 5');
  },
  async idle() {
    row('idle memory (ours with 3 TLS watches)', 'MB', await each(async ({ child, port }, server) => {
      if (server === us) {
        const id = await session(port);
        await stream(port, id);
        for (const ns of ['kcm-system', 'team-a', 'default']) {
          await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri: `k0rdent://events/${ns}` }) });
        }
      }
      await calm();
      return rss(child) / 1024;
    }), '≤ 6');
  },
  async size() {
    row('binary', 'MB', both.map((server) => fs.statSync(server.binary).size / 1e6), '≤ 8.5');
  },
  async list() {
    const nginx = await nginxLimit();
    const figures = await each(async ({ port }) => {
      const id = await session(port);
      return wrk(`http://127.0.0.1:${port}/mcp`, { body: message('tools/list', {}, 'ID').replace('"ID"', 'ID'), headers: mcpHeaders(id) });
    });
    row('tools/list a second, 16 connections', '1/s', figures.map((f) => f.perSecond), `≥ 0.5 × nginx = ${Math.round(nginx.perSecond / 2).toLocaleString('en')}`, false);
    row('  its p99', 'ms', figures.map((f) => f.p99), '≤ 1');
    console.log(`  nginx, one worker, the same bytes as a file: ${Math.round(nginx.perSecond).toLocaleString('en')}/s, p99 ${nginx.p99} ms, ${nginx.memory.toFixed(1)} MB; ours is ${(figures[0].perSecond / nginx.perSecond).toFixed(2)} of it`);
    rows.push({ what: 'nginx', ...nginx });
    const { child, port } = await serve(us);
    const figure = (await eraLoad(port, 'tools/list', {})).modern();
    await end(child);
    row('tools/list of 2026-07-28 a second', '1/s', [figure.perSecond], `≥ 0.5 × nginx = ${Math.round(nginx.perSecond / 2).toLocaleString('en')}`, false);
    row('  its p99', 'ms', [figure.p99], '≤ 1');
  },
  /** One call in both eras, in turn, so that what else the machine does falls on both: processor time of the server, with what the API client takes. */
  async eras() {
    const { child, port } = await serve(us);
    for (const [method, params] of [['tools/call', { name: us.call, arguments: {} }], ['tools/list', {}]]) {
      const load = await eraLoad(port, method, params);
      const used = { legacy: [], modern: [] };
      for (let turn = 0; turn < 5; ++turn) {
        for (const era of Object.keys(used)) used[era].push(await scale.cpuOf(port, load[era]));
      }
      const [legacy, modernCost] = Object.values(used).map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
      row(`${method}: processor time of one, legacy`, 'µs', [legacy], '');
      row('  of 2026-07-28', 'µs', [modernCost], `≤ 1.2 × ${legacy.toFixed(1)}`);
      console.log(`  that is ${(modernCost / legacy).toFixed(2)} of the legacy one`);
    }
    await end(child);
  },
  tls: () => overTls(us, row),
  oauth: () => withOAuth(us, row),
  fairness: () => fairness(us, row),
  async calls() {
    const figures = await each(async ({ child, port }, server) => {
      const id = await session(port);
      const load = () => wrk(`http://127.0.0.1:${port}/mcp`, { body: message('tools/call', { name: server.call, arguments: {} }, 'ID').replace('"ID"', 'ID'), headers: mcpHeaders(id) });
      return server === us ? whose({ child, port, api }, load) : load();
    });
    row('namespaces calls a second, 16 connections', '1/s', figures.map((f) => f.perSecond), '≥ 5,000', false);
    row('  median', 'ms', figures.map((f) => f.p50), '');
    row('  p99', 'ms', figures.map((f) => f.p99), '≤ 10');
    const direct = wrk(new URL('/api/v1/namespaces', cluster().server), { headers: { Authorization: `Bearer ${cluster().token}` } });
    row('  the API server alone, asked by 16: p99', 'ms', [direct.p99], '');
  },
  async flood() {
    row('memory after 8,000 initializes, no DELETE', 'MB', await each(async ({ child, port }) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
      let left = 8000;
      await Promise.all(Array.from({ length: 16 }, async () => {
        while (left-- > 0) await ask(port, { method: 'POST', headers: mcpHeaders(), body: initialize, agent });
      }));
      agent.destroy();
      await calm();
      return rss(child) / 1024;
    }), 'flat at the cap');
  },
  async sessions() {
    const count = 900;
    row(`memory per idle session with its stream (${count})`, 'kB', await each(async ({ child, port }) => {
      await session(port);
      await calm();
      const before = rss(child);
      const streams = [];
      for (let i = 0; i < count; ++i) streams.push(await stream(port, await session(port)));
      await calm();
      const after = rss(child);
      for (const s of streams) s.destroy();
      return (after - before) / count;
    }), '≤ 8');
  },
  async misuse() {
    await misuse(() => serve(us), end, row);
  },
  async strangers() {
    await strangers((...flags) => serve(us, ...flags), end, row);
  },
  async latency() {
    const { child, port } = await serve(us);
    const delays = await eventDelays(port, 300);
    await end(child);
    delays.sort((a, b) => a - b);
    row('watch to client, over the API server’s own: median', 'ms', [delays[delays.length >> 1]], '≤ 1');
    row('  p99', 'ms', [delays[Math.floor(delays.length * 0.99)]], '');
  },
  async lists() {
    await startApi('--fixtures', path.resolve('test/fixtures/k0rdent'));
    await lists(each, us, row);
    await startApi();
  },
  subscribers: () => scale.subscribers(row),
  listens: () => scale.listens(row),
  keys: () => scale.keys(row),
  decode: () => scale.decode(row),
  storm: () => scale.storm(row),
  async graph() {
    const [memory, median, p99] = execFileSync(path.join(work, 'graph-model'), { encoding: 'utf8' }).trim().split(' ').map(Number);
    row('graph of 5,000 clusters with 10 services', 'MB', [memory], '≤ 60');
    row('  one change, median', 'µs', [median], '≤ 1,000');
    row('  p99', 'µs', [p99], '≤ 1,000');
  },
  async acting() {
    const text = execFileSync(path.join(work, 'acting'), { encoding: 'utf8', cwd: work });
    const { decide, worst, audit } = Object.fromEntries(text.trim().split('\n').map((line) => line.split(' ')).map(([name, n]) => [name, Number(n)]));
    row('policy of 1,000 rules, one decision', 'µs', [decide / 1000], '≤ 2');
    row('  when each rule must be looked at', 'µs', [worst / 1000], '');
    row('audit lines', '1/s', [audit], '≥ 10,000', false);
    const { perCall, median } = await deploys();
    row('a deploy by dry run, our own processor time', 'ms', [perCall], '≤ 1');
    row('  from call to answer', 'ms', [median], '');
  },
  signatures() {
    const text = execFileSync(path.join(work, 'signatures'), { encoding: 'utf8' });
    for (const [name, ns] of text.trim().split('\n').map((line) => line.split(' '))) {
      const what = { invalid: 'checks of a changed ES256 token', junk: 'checks of 8 KiB that are no claims' }[name];
      row(what ?? `checks of an access token, ${name}`, '1/s', [1e9 / Number(ns)], name === 'ES384' ? '' : '≥ 1,000', false);
    }
  },
};

/** Deploys by dry run, one after the other: seven reads of the sample objects and the API server's dry run each. In ms. */
async function deploys(count = 300) {
  await startApi('--fixtures', path.join(import.meta.dirname, '../fixtures/k0rdent'));
  const { child, port } = await serve(us, '--allow-writes');
  const id = await session(port);
  const args = { name: 'bench', provider: 'aws', credential: 'aws-cred', dryRun: true,
    config: { region: 'eu-central-1', controlPlane: { instanceType: 'a' }, worker: { instanceType: 'a' } } };
  const body = message('tools/call', { name: 'k0rdent.mgmt.clusterDeployments.deploy', arguments: args });
  // utime and stime, in hundredths of a second.
  const ticks = () => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const agent = new http.Agent({ keepAlive: true });
  const times = [];
  let before = 0;
  for (let i = -20; i < count; ++i) {  // the first ones warm up
    if (i === 0) before = ticks();
    const start = performance.now();
    const { text } = await ask(port, { method: 'POST', headers: mcpHeaders(id), body, agent });
    if (i >= 0) times.push(performance.now() - start);
    if (!/"status":"dry_run"/.test(text)) throw new Error(text.slice(0, 500));
  }
  const perCall = ((ticks() - before) * 10) / count;
  agent.destroy();
  await end(child);
  return { perCall, median: times.sort((a, b) => a - b)[count >> 1] };
}

/** wrk with one request in each era, each tried once before: {legacy, modern}. */
async function eraLoad(port, method, params) {
  const requests = { legacy: { body: message(method, params, 'ID'), headers: mcpHeaders(await session(port)) }, modern: modern(method, params, 'ID') };
  const load = {};
  for (const [era, { body, headers }] of Object.entries(requests)) {
    const { text } = await ask(port, { method: 'POST', headers, body });
    const { result } = JSON.parse(text);
    if (!result || result.isError) throw new Error(`${method}: ${text}`);
    load[era] = (seconds) => wrk(`http://127.0.0.1:${port}/mcp`, { body: body.replace('"ID"', 'ID'), headers, seconds });
  }
  return load;
}

/** An event's way through us against the same event on a watch of our own, both seen by this process: differences in ms. */
async function eventDelays(port, count) {
  const text = fs.readFileSync(kubeconfig, 'utf8');
  const server = new URL(/server: "?([^\s"]+)/.exec(text)[1]);
  const token = /token: "?([^\s"]+)/.exec(text)[1];
  const options = { host: server.hostname, port: server.port, rejectUnauthorized: false, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } };
  const direct = new Map(), through = new Map();
  const id = await session(port);
  await stream(port, id, (m) => { const e = m.params?._meta?.delta?.event; if (e) through.set(e.name, performance.now()); });
  await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri: 'k0rdent://events/default' }) });
  const target = '/apis/events.k8s.io/v1/namespaces/default/events';
  const watch = https.get({ ...options, agent: false, path: `${target}?watch=1&resourceVersion=` }, (answer) => {
    let rest = '';
    answer.setEncoding('utf8').on('data', (part) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line) direct.set(JSON.parse(line).object?.metadata?.name, performance.now());
    }).on('error', () => {});
  });
  watch.on('error', () => {});
  await calm(300);
  const agent = new https.Agent({ keepAlive: true });
  for (let i = 0; i < count; ++i) {
    const name = `bench-${i}`;
    const body = JSON.stringify({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, namespace: 'default' }, eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'bench', reportingInstance: 'bench', action: 'Measure', reason: 'Bench', type: 'Normal', note: `event ${i}`, regarding: { kind: 'Namespace', name: 'default', namespace: 'default' } });
    await new Promise((resolve, reject) => {
      const request = https.request({ ...options, agent, method: 'POST', path: target }, (answer) => { answer.resume().on('end', resolve); if (answer.statusCode >= 300) reject(new Error(`POST event: ${answer.statusCode}`)); });
      request.on('error', reject).end(body);
    });
    await until(`event ${i}`, async () => direct.has(name) && through.has(name));
  }
  watch.destroy();
  agent.destroy();
  return [...direct].filter(([name]) => through.has(name)).map(([name, at]) => through.get(name) - at);
}

/** The same bytes as a static file from nginx with one worker: the limit of what one core does here. */
async function nginxLimit() {
  const { child, port } = await serve(us);
  const id = await session(port);
  const bytes = (await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('tools/list', {}) })).text;
  await end(child);
  const root = path.join(work, 'nginx');
  fs.mkdirSync(root, { recursive: true });
  fs.writeFileSync(path.join(root, 'list.json'), bytes);
  const at = await freePort();
  fs.writeFileSync(path.join(root, 'nginx.conf'), `daemon off; worker_processes 1; pid ${root}/pid; error_log ${root}/error.log; user root;
    events { worker_connections 1024; } http { access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; open_file_cache max=10;
    client_body_temp_path ${root}/b; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f; uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
    server { listen 127.0.0.1:${at}; root ${root}; default_type application/json; } }`);
  const nginx = run('/usr/sbin/nginx', ['-c', path.join(root, 'nginx.conf')]);
  await until('nginx answers', async () => (await ask(at, { target: '/list.json' })).status === 200);
  const figure = wrk(`http://127.0.0.1:${at}/list.json`);
  const workers = execFileSync('pgrep', ['-P', `${nginx.pid}`], { encoding: 'utf8' }).trim().split('\n');
  const memory = rss({ pid: workers[0] }) / 1024;
  await end(nginx);
  return { ...figure, memory, bytes: bytes.length };
}

async function main() {
  const names = wanted.length ? wanted : Object.keys(measures);
  for (const name of names) if (!measures[name]) throw new Error(`no row ${name}; rows: ${Object.keys(measures).join(' ')}`);
  await startApi();
  console.log(`${'row'.padEnd(44)} ${'ours'.padStart(10)} ${'peer'.padStart(10)} ${'better by'.padStart(9)}   ${'unit'.padEnd(8)} aim`);
  if (!peer) console.log('(the peer is not installed: make deps-bench)');
  for (const name of names) await measures[name]();
  fs.writeFileSync(path.join(work, 'results.json'), JSON.stringify(rows, null, 1));
}

await main().finally(endAll);

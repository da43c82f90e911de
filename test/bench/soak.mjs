// The program under churn for some minutes against the simulated API server: clients of both eras come, subscribe, call and go, some without a
// word; every connection to the API server breaks again and again, so that each watch begins anew. Prints a line a minute, and judges whether memory
// stays flat and is given back. `make churn` runs it. usage: soak.mjs [MINUTES]      default 30; exit code 1: not flat, or not given back
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { ask, end, endAll, freePort, mcpHeaders, message, modern, rss, run, session, stream, until, work } from './lib.mjs';
import { metric } from './scale.mjs';

const minutes = Number(process.argv[2] ?? 30);
const WORKERS = 24;
const CUT_EVERY_MS = 20_000;  // the connections to the API server
const SAMPLE_MS = Math.min(60_000, (minutes * 60_000) / 12);
const REST_MS = 60_000;       // after which what clients had must be given back: idle sessions end after 15 s here, and memory is looked at each 30 s
const BURST = 3000;           // sessions at once, at the end, each with its stream and a subscription
const BURST_MB = 16;          // which they must take, so that giving it back means something
const GROWTH_MB = 1;          // of the last third of the samples over the third before: noise of what happens to be open
const KEPT_MB = 8;            // at rest at the end, over at rest before: the heap's holes are given back when they are more (kTrimBytes of app/trim.h)
const FIXTURES = path.join(import.meta.dirname, '../fixtures/k0rdent');

const URIS = ['k0rdent://events/kcm-system', 'k0rdent://events/team-a', 'k0rdent://events/kcm-system?types=Warning', 'k0rdent://graph', 'k0rdent://graph?namespace=kcm-system',
  'k0rdent://objects/k0rdent.mirantis.com/v1beta1/clusterdeployments/kcm-system', 'k0rdent://objects/core/v1/namespaces/-', 'k0rdent://cluster-monitor/kcm-system/aws-prod'];
const CALLS = [['k0rdent.mgmt.namespaces.list', {}], ['k0rdent.mgmt.clusterDeployments.listAll', {}], ['k0rdent.mgmt.events.list', { namespace: 'kcm-system' }], ['k0rdent.mgmt.graph.snapshot', {}],
  ['k0rdent.mgmt.serviceTemplates.list', {}], ['k0rdent.mgmt.clusterDeployments.get', { namespace: 'kcm-system', name: 'aws-prod' }], ['k0rdent.mgmt.objects.list', { kind: 'clusterdeployments' }],
  ['k0rdent.mgmt.events.list', { namespace: 'nowhere', sinceSeconds: -1 }]];
const pick = (all) => all[Math.floor(Math.random() * all.length)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const config = path.join(work, 'soak-kubeconfig');
fs.rmSync(config, { force: true });
const api = run(process.env.K0RDENT_MCP_SIM_BIN, ['--kubeconfig-out', config, '--fixtures', FIXTURES, '--events-every', '100ms', '--log-lines-every', '200ms']);
await until('the simulated API server', async () => fs.existsSync(config) && fs.statSync(config).size > 0);

// Between us and the API server, to break connections.
const text = fs.readFileSync(config, 'utf8'), [address, apiPort] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text);
const open = new Set();
const between = net.createServer((near) => {
  const far = net.connect(Number(apiPort), '127.0.0.1');
  open.add(near);
  for (const [from, to] of [[near, far], [far, near]]) from.pipe(to).on('error', () => {}) && from.on('error', () => {}).on('close', () => { to.destroy(); open.delete(near); });
});
await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
fs.writeFileSync(config, text.replace(address, `https://127.0.0.1:${between.address().port}`));

const port = await freePort();
const child = run(process.env.K0RDENT_MCP_BIN, ['serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', config, '--log-level', 'error', '--resume-window', '5s', '--backoff-cap', '2s', '--session-idle', '15s', '--max-sessions', '10000', '--rate', 'none']);
await until('ready', async () => (await ask(port, { target: '/readyz' })).status === 200);

const count = { calls: 0, refused: 0, subscriptions: 0, deltas: 0, broken: 0 };
const told = (m) => { if (m.params?._meta?.delta) count.deltas += 1; };

/** One life of a client of the older revisions. */
async function legacy() {
  const agent = new http.Agent({ keepAlive: true });
  const id = await session(port, agent), requests = [await stream(port, id, told)];
  const post = (method, params) => ask(port, { method: 'POST', headers: mcpHeaders(id), body: message(method, params), agent });
  const uris = [pick(URIS), pick(URIS)];
  for (const uri of uris) { await post('resources/subscribe', { uri }); count.subscriptions += 1; }
  for (let i = 0; i < 6; ++i) {
    const [name, args] = pick(CALLS);
    const answer = await post('tools/call', { name, arguments: args });
    count.calls += 1;
    if (answer.status !== 200) count.refused += 1;
    await pause(Math.random() * 200);
  }
  await post('resources/unsubscribe', { uri: uris[0] });
  // A third of them goes without a word.
  if (Math.random() > 1 / 3) await ask(port, { method: 'DELETE', headers: mcpHeaders(id), agent });
  for (const request of requests) request.destroy();
  agent.destroy();
}

/** One life of a client of 2026-07-28: a stream and calls. */
async function newer() {
  const { headers, body } = modern('subscriptions/listen', { notifications: { resourceSubscriptions: [pick(URIS), pick(URIS)] } });
  const listening = http.request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers, agent: false }, (answer) => answer.on('data', (part) => (count.deltas += `${part}`.split('data: ').length - 1)).on('error', () => {}));
  listening.on('error', () => {}).end(body);
  count.subscriptions += 1;
  for (let i = 0; i < 6; ++i) {
    const [name, args] = pick(CALLS);
    const answer = await ask(port, { method: 'POST', ...modern('tools/call', { name, arguments: args }) });
    count.calls += 1;
    if (answer.status !== 200) count.refused += 1;
    await pause(Math.random() * 200);
  }
  listening.destroy();
}

async function churn(ms) {
  const stop = Date.now() + ms;
  await Promise.all(Array.from({ length: WORKERS }, async (_, i) => {
    while (Date.now() < stop) await (i % 2 ? legacy : newer)().catch(() => (count.broken += 1));
  }));
}

const own = () => rss(child, 'RssAnon') / 1024, descriptors = () => fs.readdirSync(`/proc/${child.pid}/fd`).length;
const began = Date.now();
async function sample(what) {
  const at = { memory: own(), resident: rss(child) / 1024, descriptors: descriptors(), sessions: await metric(port, 'k0rdent_mcp_sessions'), watches: await metric(port, 'k0rdent_mcp_watches') };
  console.log(`${((Date.now() - began) / 60_000).toFixed(1).padStart(6)} min  ${what.padEnd(12)} ${at.memory.toFixed(2).padStart(7)} MB own, ${at.resident.toFixed(2).padStart(7)} resident  ${`${at.descriptors}`.padStart(4)} descriptors  ` +
    `${`${at.sessions}`.padStart(3)} sessions  ${`${at.watches}`.padStart(3)} watches  ${Object.entries(count).map(([name, n]) => `${n} ${name}`).join(', ')}`);
  return at;
}
/** Many clients at once, who then go without a word. */
async function burst() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const streams = [];
  let left = BURST;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const id = await session(port, agent);
      streams.push(await stream(port, id));
      await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri: 'k0rdent://events/kcm-system' }), agent });
    }
  }));
  const at = await sample('burst');
  for (const each of streams) each.destroy();
  agent.destroy();
  return at;
}

/** At rest: no session and no watch is left. */
async function rest() {
  await pause(REST_MS);
  return sample('at rest');
}

const samples = [];
let before, most, after;
try {
  await churn(Math.min(20_000, minutes * 6000));  // what is made once, is made
  before = await rest();
  const cutter = setInterval(() => { for (const socket of open) socket.destroy(); }, CUT_EVERY_MS);
  const busy = churn(minutes * 60_000);
  let running = true;
  busy.finally(() => (running = false));
  while (running) {
    await Promise.race([pause(SAMPLE_MS), busy]);
    if (running) samples.push(await sample('churn'));
  }
  clearInterval(cutter);
  most = await burst();
  after = await rest();
} finally {
  between.close();
  for (const socket of open) socket.destroy();
  await end(child);
  await end(api);
  await endAll();
}

const third = Math.floor(samples.length / 3), largest = (all) => Math.max(...all.map(({ memory }) => memory));
const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map(largest);
const judged = [
  [`memory is flat: at most ${last.toFixed(2)} MB in the last third, ${middle.toFixed(2)} in the one before`, last <= middle + GROWTH_MB],
  [`${BURST} clients at once took ${(most.memory - before.memory).toFixed(2)} MB`, most.memory >= before.memory + BURST_MB],
  [`memory is given back: ${after.memory.toFixed(2)} MB at rest, ${before.memory.toFixed(2)} before`, after.memory <= before.memory + KEPT_MB],
  [`descriptors are: ${after.descriptors}, ${before.descriptors} before`, after.descriptors <= before.descriptors + 2],
  [`watches and sessions are: ${after.watches}, ${after.sessions}`, after.watches === 0 && after.sessions === 0],
  ['calls were answered', count.calls > 0 && count.refused < count.calls / 2 && count.deltas > 0],
  ['the server ended by itself', child.exitCode === 0],
];
for (const [what, good] of judged) console.log(`${good ? 'ok  ' : 'FAIL'}  ${what}`);
process.exit(judged.every(([, good]) => good) ? 0 : 1);

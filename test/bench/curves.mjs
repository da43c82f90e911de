// What one process holds: memory and latency against subscribers, watches, objects and child clusters, as the tables of doc/SCALE.md.
// Each row is a server of its own, on a simulated API server of its own. `make scale` runs it; FULL=1 also its largest rows.
// usage: curves.mjs [subscribers] [watches] [objects] [fleet]
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { ask, calm, end, endAll, freePort, mcpHeaders, message, rss, run, session, stream, until, work } from './lib.mjs';
import { metric, talk } from './scale.mjs';

const binary = process.env.K0RDENT_MCP_BIN, sim = process.env.K0RDENT_MCP_SIM_BIN;
const full = Boolean(process.env.FULL);
const SAMPLE = path.join(import.meta.dirname, '../fixtures/k0rdent');
const EVENTS = 11;  // of which the median is taken
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes documents into files that the simulator takes: it reads none above 1 MiB. */
function writeInto(folder, documents) {
  let part = [], size = 0, files = 0;
  const flush = () => {
    fs.writeFileSync(path.join(folder, `${String(files++).padStart(5, '0')}.yaml`), part.join('\n---\n'));
    part = [];
    size = 0;
  };
  for (const text of documents) {
    if (size + text.length > 900_000) flush();
    part.push(text);
    size += text.length;
  }
  flush();
}

/**
 * A simulated API server and us on it, at rest: {port, memory(), peak(), send(method, path, object), stop()}. memory() is our own, in MB; peak() the
 * largest resident set, which has up to 6 MB of the program in it, of the page cache.
 * yaml: documents of more objects.
 */
async function world({ flags = [], yaml } = {}) {
  const config = path.join(work, 'curves-kubeconfig'), folder = path.join(work, 'curves-objects');
  for (const old of [config, folder]) fs.rmSync(old, { recursive: true, force: true });
  fs.mkdirSync(folder);
  if (yaml) writeInto(folder, yaml);
  const api = run(sim, ['--kubeconfig-out', config, ...(yaml ? ['--fixtures', folder] : []), ...flags]);
  await until('the simulated API server', async () => fs.existsSync(config) && fs.statSync(config).size > 0, 300_000);
  const text = fs.readFileSync(config, 'utf8');
  const server = new URL(/server: "?([^\s"]+)/.exec(text)[1]), [, token] = /token: "?([^\s"]+)/.exec(text);
  const agent = new https.Agent({ keepAlive: true });
  const send = (method, target, body, type = 'application/json') => new Promise((resolve, reject) => {
    const request = https.request({ host: server.hostname, port: server.port, rejectUnauthorized: false, agent, method, path: target,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': type } }, (answer) => {
      answer.resume().on('end', () => (answer.statusCode < 300 ? resolve() : reject(new Error(`${method} ${target}: ${answer.statusCode}`))));
    });
    request.on('error', reject).end(JSON.stringify(body));
  });
  const port = await freePort();
  // All clients of these rows are one caller, who may have them all.
  const child = run(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--kubeconfig', config, '--log-level', 'warn', '--max-watch-objects', '200000', '--max-watches-per-caller', '100000', '--max-sessions', '20000']);
  await until('ready', async () => (await ask(port, { target: '/readyz' })).status === 200);
  await calm(3000);  // what was needed to start is given back
  return {
    port, send, memory: () => rss(child, 'RssAnon') / 1024, peak: () => rss(child, 'VmHWM') / 1024,
    stop: async () => { agent.destroy(); await end(child); await end(api); },
  };
}

const event = (ns, name, at = new Date()) => ({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, namespace: ns }, eventTime: at.toISOString().replace('Z', '000Z'),
  reportingController: 'bench', reportingInstance: 'bench', action: 'Measure', reason: 'Bench', type: 'Normal', note: `The helm chart ${name} was measured in ${ns} and found to be in order`,
  regarding: { kind: 'Namespace', name: ns, namespace: ns } });
const postEvent = (w, ns, name) => w.send('POST', `/apis/events.k8s.io/v1/namespaces/${ns}/events`, event(ns, name));

/** A session with its stream; deltas() of a URI after subscribe(). */
async function client(port) {
  const id = await session(port), told = [];
  await stream(port, id, (m) => { const delta = m.params?._meta?.delta; if (delta) told.push({ delta, at: performance.now() }); });
  return {
    told,
    async subscribe(uri) {
      const answer = await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri }) });
      if (!answer.text.includes('"result"')) throw new Error(`${uri}: ${answer.text}`);
    },
    async call(name, args = {}) {
      const began = performance.now();
      const { text } = await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('tools/call', { name, arguments: args }) });
      const took = performance.now() - began;
      if (!/"result"/.test(text) || /"isError":true/.test(text)) throw new Error(`${name}: ${text.slice(0, 300)}`);
      return { took, bytes: text.length };
    },
  };
}

/** From the POST of an event to its delta at this client, median. */
async function latency(w, one, ns) {
  const times = [];
  for (let i = 0; i < EVENTS; ++i) {
    const name = `late-${i}`, began = performance.now();
    await postEvent(w, ns, name);
    const seen = () => one.told.find(({ delta }) => delta.event?.name === name);
    while (!seen()) await pause(0);
    times.push(seen().at - began);
    await pause(20);
  }
  return median(times);
}

function table(title, heads, rows) {
  console.log(`\n${title}\n\n| ${heads.join(' | ')} |\n|${' ---: |'.repeat(heads.length)}`);
  const show = (n) => (typeof n !== 'number' ? n : n >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString('en') : n.toFixed(n < 10 ? 2 : 1));
  for (const each of rows) console.log(`| ${each.map(show).join(' | ')} |`);
}

const curves = {
  async subscribers() {
    const rows = [];
    for (const n of [1, 100, 1000, ...(full ? [10_000] : [])]) {
      const w = await world(), one = await client(w.port);
      await one.subscribe('k0rdent://events/kcm-system');
      const load = n > 1 && talk('subscribers', [`${w.port}`, `${n - 1}`, 'k0rdent://events/kcm-system']);
      if (load && await load.line() !== 'ready') throw new Error('subscribers: not ready');
      await calm();
      const memory = w.memory(), cpu = await metric(w.port, 'process_cpu_seconds_total');
      const late = await latency(w, one, 'kcm-system');
      const each = ((await metric(w.port, 'process_cpu_seconds_total') - cpu) * 1000) / EVENTS;
      rows.push([n, memory, await metric(w.port, 'k0rdent_mcp_watches'), late, each, w.peak()]);
      if (load) load.child.kill();
      await w.stop();
    }
    table('Subscribers of one namespace\'s events', ['subscribers', 'memory, MB', 'watches', 'event to client, ms', 'processor time for one event, ms', 'resident peak, MB'], rows);
  },

  async watches() {
    const rows = [];
    for (const n of [1, 10, 100, ...(full ? [1000] : [])]) {
      const w = await world({ flags: ['--objects', `${n}`] });
      const idle = w.memory(), namespace = (i) => `bench-${String(i).padStart(6, '0')}`;
      let one;
      for (let i = 0; i < n; ++i) {
        if (i % 250 === 0) one = await client(w.port);
        await one.subscribe(`k0rdent://events/${namespace(i)}`);
      }
      await calm();
      const cpu = await metric(w.port, 'process_cpu_seconds_total');
      await calm(5000);
      const resting = (await metric(w.port, 'process_cpu_seconds_total') - cpu) / 5;
      rows.push([n, w.memory(), n > 1 ? ((w.memory() - idle) * 1024) / n : '', await metric(w.port, 'k0rdent_mcp_kube_connections'), await latency(w, one, namespace(n - 1)), resting * 100]);
      await w.stop();
    }
    table('Watches over TLS, each of one namespace\'s events', ['watches', 'memory, MB', 'each, kB', 'connections to the API server', 'event to client, ms', 'processor at rest, % of a core'], rows);
  },

  async objects() {
    const rows = [];
    for (const n of [100, 1000, 10_000, ...(full ? [100_000] : [])]) {
      const old = new Date(Date.now() - 60_000);
      const w = await world({ yaml: Array.from({ length: n }, (_, i) => JSON.stringify(event('kcm-system', `old-${i}`, old))) });
      const one = await client(w.port), began = performance.now();
      await one.subscribe('k0rdent://events/kcm-system');
      await until('the snapshot', async () => one.told.length >= n, 120_000);
      const took = one.told.at(-1).at - began;
      await calm();
      const memory = w.memory(), late = await latency(w, one, 'kcm-system');
      const listed = [];
      for (let i = 0; i < 5; ++i) listed.push((await one.call('k0rdent.mgmt.events.list', { namespace: 'kcm-system', limit: 50 })).took);
      rows.push([n, memory, w.peak(), took, late, median(listed)]);
      await w.stop();
    }
    table('Objects of one watch (events)', ['objects', 'memory, MB', 'resident peak, MB', 'subscription to the last of them, ms', 'event to client, ms', 'events.list of 50, ms'], rows);
  },

  async fleet() {
    const rows = [];
    for (const [n, uri = 'k0rdent://graph'] of [[10], [100], [1000], ...(full ? [[5000], [10_000, 'k0rdent://graph?kinds=ClusterDeployment']] : [])]) {
      const w = await world({ yaml: fleetOf(n) });
      const idle = w.memory(), one = await client(w.port);
      const listed = [];
      for (let i = 0; i < 5; ++i) listed.push((await one.call('k0rdent.mgmt.clusterDeployments.listAll')).took);
      const began = performance.now();
      await one.subscribe(uri);
      await until('the graph', async () => performance.now() - (one.told.at(-1)?.at ?? Infinity) > 1000, 300_000);
      const took = one.told.at(-1).at - began;
      const picture = await metric(w.port, 'k0rdent_mcp_budget_peak{part="snapshots"}') / 2 ** 20;
      await calm();
      const memory = w.memory();
      const shot = await one.call('k0rdent.mgmt.graph.snapshot', { kinds: ['ClusterDeployment'] });
      const change = performance.now();
      await w.send('PATCH', '/apis/k0rdent.mirantis.com/v1beta1/namespaces/kcm-system/clusterdeployments/cluster-00001', { metadata: { labels: { env: 'other' } } }, 'application/merge-patch+json');
      await until('the change', async () => one.told.at(-1).at > change, 20_000);
      rows.push([n, idle, memory, ((memory - idle) * 1024) / n, w.peak(), picture, took, one.told.at(-1).at - change, median(listed), shot.took]);
      await w.stop();
    }
    table(`Child clusters, ${[...fleetOf(1)].length - [...fleetOf(0)].length} objects each, with one subscriber of the graph`, ['child clusters', 'at rest, MB', 'with the graph, MB', 'each, kB', 'resident peak, MB', 'snapshot, MiB', 'subscription to the last of them, ms',
      'a change to the client, ms', 'clusterDeployments.listAll (100 rows), ms', 'graph.snapshot (32 KiB), ms'], rows);
  },
};

/** What k0rdent, Cluster API, Flux and Sveltos keep of n AWS clusters: the sample cluster's objects, again and again. */
function* fleetOf(n) {
  const read = (name) => fs.readFileSync(path.join(SAMPLE, name), 'utf8');
  for (const name of ['01-clustertemplate-aws-standalone-cp.yaml', '04-servicetemplate-cert-manager.yaml', '05-servicetemplate-ingress-nginx-4-14-3.yaml', '09-credential-aws.yaml']) yield read(name);
  const all = ['11-clusterdeployment-aws-prod.yaml', '18-serviceset-aws-prod.yaml', 'external/capi.yaml', 'external/flux.yaml', 'external/sveltos.yaml'].flatMap((name) => read(name).split(/^---$/m));
  const own = all.filter((doc) => /^ {2}name: aws-prod/m.test(doc));
  for (let i = 1; i <= n; ++i) {
    const name = `cluster-${String(i).padStart(5, '0')}`;
    // Each cluster's uids are its own; references keep theirs.
    for (const doc of own) yield doc.replaceAll('aws-prod', name).replaceAll('f1c70000-0000', `f1c7${String(i % 10_000).padStart(4, '0')}-${String(Math.floor(i / 10_000)).padStart(4, '0')}`);
  }
}

const wanted = process.argv.slice(2);
for (const name of wanted) if (!curves[name]) throw new Error(`no curve ${name}; there are ${Object.keys(curves).join(' ')}`);
console.log(`load of this machine when it began: ${fs.readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')}`);
try {
  for (const name of wanted.length ? wanted : Object.keys(curves)) await curves[name]();
} finally {
  await endAll();
}

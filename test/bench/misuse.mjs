// Floods and misuse, of this server alone: what each costs it in memory, and what another client notices meanwhile.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { ask, calm, cluster, initialize, mcpHeaders, message, rss, session } from './lib.mjs';

/** A client in a process of its own, which this one's work can't slow down: stop() gives its p99 in ms. */
function bystander(port, token) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('bystander.mjs', import.meta.url)), `${port}`, ...(token ? [token] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (said += part));
  return {
    began: new Promise((resolve) => child.stdout.once('data', resolve)),
    async stop() {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await closed;
      return JSON.parse(said.trim().split('\n').pop());
    },
  };
}

/** Runs `fn`; {peak, after} in MB above what the server had before, and the bystander's {p99, count}. */
async function watched({ child, port, token }, fn) {
  // A server that has served before: what its first requests bring back of its start is nobody's misuse.
  const first = bystander(port, token);
  await first.began;
  await calm();
  await first.stop();
  await calm();
  const before = rss(child);
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, rss(child))), 20);
  const other = bystander(port, token);
  await other.began;
  await fn(port);
  const noticed = await other.stop();
  await calm();
  clearInterval(watch);
  return { peak: (Math.max(peak, rss(child)) - before) / 1024, after: (rss(child) - before) / 1024, ...noticed };
}

const connect = (port) => new Promise((resolve, reject) => {
  const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
  socket.on('error', reject);
});
const raw = (method, headers, body = '') =>
  `${method} /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
const post = (id, body) => raw('POST', { ...mcpHeaders(id), 'Content-Length': Buffer.byteLength(body) }, body);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function initializes(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  let left = 32_000;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) await ask(port, { method: 'POST', headers: mcpHeaders(), body: initialize, agent });
  }));
  agent.destroy();
}

/** Twenty streams with a subscription, and twenty connections with pipelined requests; nobody takes a byte. */
async function silentReaders(port) {
  const sockets = [];
  for (let i = 0; i < 20; ++i) {
    const id = await session(port);
    const socket = await connect(port);
    socket.pause().write(raw('GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': id }));
    sockets.push(socket);
    await pause(5);
    await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('resources/subscribe', { uri: 'k0rdent://events/default' }) });
    const other = await connect(port);
    other.pause().write(post(id, message('tools/list', {})).repeat(500));
    sockets.push(other);
  }
  await produceEvents(3000);
  await pause(1000);
  for (const socket of sockets) socket.on('error', () => {}).destroy();
}

async function droppedStreams(port) {
  const id = await session(port);
  for (let i = 0; i < 1000; ++i) {
    const socket = await connect(port);
    socket.on('error', () => {}).write(raw('GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': id }));
    if (i % 2) await pause(1);
    i % 3 ? socket.destroy() : socket.resetAndDestroy();
  }
}

async function slowBodies(port) {
  const sockets = await Promise.all(Array.from({ length: 500 }, () => connect(port)));
  const head = raw('POST', { ...mcpHeaders(), 'Content-Length': 4 * 1024 * 1024 });
  for (const socket of sockets) socket.on('error', () => {}).write(head);
  for (let second = 0; second < 10; ++second) {
    for (const socket of sockets) socket.write('{');
    await pause(1000);
  }
  for (const socket of sockets) socket.destroy();
}

async function pipelined(port) {
  const id = await session(port);
  const socket = await connect(port);
  const body = message('ping');
  let got = '', seen = 0;
  const all = new Promise((resolve, reject) => {
    socket.setEncoding('latin1').on('data', (part) => {
      got += part;
      const found = got.split('"result":{}');
      seen += found.length - 1;
      got = found.pop();
      if (seen === 10_000) resolve();
    }).on('close', () => reject(new Error(`closed after ${seen} answers`)));
  });
  socket.write(post(id, body).repeat(10_000));
  await all;
  socket.removeAllListeners('close').destroy();
}

/** Events with a kilobyte of text each, straight at the simulated API server. */
async function produceEvents(count) {
  const { server, token } = cluster();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
  const options = { host: server.hostname, port: server.port, agent, rejectUnauthorized: false, method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/default/events',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } };
  let next = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (next < count) {
      const name = `misuse-${next++}`;
      const body = JSON.stringify({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, namespace: 'default' }, eventTime: new Date().toISOString().replace('Z', '000Z'),
        reportingController: 'bench', reportingInstance: 'bench', action: 'Measure', reason: 'Bench', type: 'Normal', note: 'x'.repeat(1000), regarding: { kind: 'Namespace', name: 'default', namespace: 'default' } });
      await new Promise((resolve, reject) => https.request(options, (answer) => answer.resume().on('end', resolve)).on('error', reject).end(body));
    }
  }));
  agent.destroy();
}

/** Connections with 500 requests each, of which nobody takes an answer. */
const stalledPipelines = (count) => async (port) => {
  const id = await session(port);
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(port)));
  for (const socket of sockets) socket.on('error', () => {}).pause().write(post(id, message('tools/list', {})).repeat(500));
  await pause(3000);
  for (const socket of sockets) socket.destroy();
};
/** Twenty connections, each with five batches of a hundred graphs, of which nobody takes an answer. */
async function batches(port) {
  const begin = message('initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'bench', version: '1' } });
  const one = (id) => JSON.parse(message('tools/call', { name: 'k0rdent.mgmt.graph.snapshot', arguments: {} }, id));
  const body = JSON.stringify(Array.from({ length: 100 }, (_, id) => one(id)));
  const sockets = await Promise.all(Array.from({ length: 20 }, async () => {
    const id = (await ask(port, { method: 'POST', headers: mcpHeaders(), body: begin })).headers['mcp-session-id'];
    const socket = await connect(port);
    socket.on('error', () => {}).pause().write(post(id, body).repeat(5));
    return socket;
  }));
  await pause(5000);
  for (const socket of sockets) socket.destroy();
}

/** Connections that send all but the last byte of a body of 1 MB, without a token or with one that is made up. */
const unfinishedBodies = (token) => async (port) => {
  const head = (i) => raw('POST', { ...mcpHeaders(undefined, token && `${token}-${i}`), 'Content-Length': 1024 * 1024 });
  const sockets = await Promise.all(Array.from({ length: 150 }, () => connect(port)));
  sockets.forEach((socket, i) => socket.on('error', () => {}).write(head(i) + ' '.repeat(1024 * 1024 - 1)));
  await pause(5000);
  for (const socket of sockets) socket.destroy();
};

/** Two hundred connections, each with one made-up token after another. */
async function reviews(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
  const stop = Date.now() + 5000;
  let made = 0;
  const statuses = {};
  await Promise.all(Array.from({ length: 200 }, async () => {
    while (Date.now() < stop) {
      const { status } = await ask(port, { method: 'POST', headers: mcpHeaders(undefined, `made-up-${++made}`), body: initialize, agent });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }));
  agent.destroy();
  console.log(`  ${made} made-up tokens in 5 s; answers by status: ${JSON.stringify(statuses)}`);
}

const aims = { '20 pipelines never read': '≤ 4', '200 pipelines never read': '≤ 16' };

const kinds = {
  '20 pipelines never read': stalledPipelines(20),
  '200 pipelines never read': stalledPipelines(200),
  '32,000 initializes': initializes,
  '20 streams and 20 pipelines never read': silentReaders,
  '1,000 streams opened and dropped': droppedStreams,
  '500 bodies of 4 MiB at a byte a second': slowBodies,
  '10,000 requests pipelined': pipelined,
  '100 batches of 100 graphs never read': batches,
};
const ofStrangers = {
  '150 bodies of 1 MB without a token': unfinishedBodies(),
  '150 bodies of 1 MB, tokens made up': unfinishedBodies('made-up'),
  'made-up tokens on 200 connections': reviews,
};

async function measure(all, begin, end, row) {
  for (const [name, fn] of Object.entries(all)) {
    const running = await begin();
    const { peak, after, p99, count } = await watched(running, fn);
    await end(running.child);
    row(`${name}: growth of memory`, 'MB', [peak], aims[name] ?? '');
    row('  afterwards', 'MB', [after], '');
    row(`  another client’s p99 (${count} requests)`, 'ms', [p99], '≤ 50');
  }
}

/** `serve` starts our server, fresh, with more flags; `row` shows a figure. */
export const misuse = (serve, end, row) => measure(kinds, serve, end, row);
/** The same of a server that asks for tokens; the other client has one. */
export const strangers = (serve, end, row) => measure(ofStrangers, async () => ({ ...await serve('--auth-mode', 'OIDC_REQUIRED'), token: cluster().token }), end, row);

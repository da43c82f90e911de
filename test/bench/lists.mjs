// What lists cost: cluster deployments, pods of any number, and the bytes that a client puts before its model.
import fs from 'node:fs';
import https from 'node:https';
import { ask, calm, cluster, mcpHeaders, message, rss, session, wrk } from './lib.mjs';

const GROUP = '/apis/k0rdent.mirantis.com/v1beta1';
const PODS = 5000, POD_BYTES = 10_000;

/** Creates objects at the simulated API server, some at a time. */
async function create(path, objects) {
  const { server, token } = cluster();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
  const queue = objects[Symbol.iterator]();
  const one = (body) => new Promise((resolve, reject) => {
    const request = https.request({ host: server.hostname, port: server.port, rejectUnauthorized: false, agent, method: 'POST', path,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } }, (answer) => {
      answer.resume().on('end', resolve);
      if (answer.statusCode >= 300 && answer.statusCode !== 409) reject(new Error(`POST ${path}: ${answer.statusCode}`));
    });
    request.on('error', reject).end(JSON.stringify(body));
  });
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (const object of queue) await one(object);
  }));
  agent.destroy();
}

function* deployments(namespace, count) {
  for (let i = 0; i < count; ++i) {
    yield { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', metadata: { name: `cluster-${String(i).padStart(4, '0')}`, namespace, labels: { env: 'bench' } },
      spec: { template: 'aws-standalone-cp-1-0-43', credential: 'aws', config: { region: 'eu-central-1', workersNumber: 2 } } };
  }
}

function* pods(namespace, count) {
  const filler = 'x'.repeat(POD_BYTES - 600);
  for (let i = 0; i < count; ++i) {
    yield { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${String(i).padStart(5, '0')}`, namespace, annotations: { filler } },
      spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'registry.example/app:1' }] } };
  }
}

/** One call; its result and the bytes of the answer. */
async function call(port, id, name, args) {
  const { status, text } = await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('tools/call', { name, arguments: args }) });
  const json = text.startsWith('{') ? text : text.split('\n').find((line) => line.startsWith('data: ')).slice(6);
  const { result, error } = JSON.parse(json);
  if (status !== 200 || error || result.isError) throw new Error(`${name}: ${status} ${json.slice(0, 500)}`);
  return { result, bytes: text.length };
}

const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];

/** each(fn): fn({child, port}, server) on each server, fresh. `us`: the server that is ours. */
export async function lists(each, us, row) {
  await create(`/api/v1/namespaces`, [...['bench-20', 'bench-1000', 'bench-pods'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))]);
  await create(`${GROUP}/namespaces/bench-20/clusterdeployments`, deployments('bench-20', 20));
  await create(`${GROUP}/namespaces/bench-1000/clusterdeployments`, deployments('bench-1000', 1000));
  await create('/api/v1/namespaces/bench-pods/pods', pods('bench-pods', PODS));
  const theirs = (namespace) => ['resources_list', { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', namespace }];
  const clusters = (server, namespace, more) => (server === us ? ['k0rdent.mgmt.clusterDeployments.list', { namespace, ...more }] : theirs(namespace));

  const twenty = await each(async ({ port }, server) => {
    const id = await session(port);
    const [name, args] = clusters(server, 'bench-20');
    const { bytes } = await call(port, id, name, args);
    return { ...wrk(`http://127.0.0.1:${port}/mcp`, { body: message('tools/call', { name, arguments: args }, 'ID').replace('"ID"', 'ID'), headers: mcpHeaders(id) }), bytes };
  });
  row('clusterDeployments.list of 20, a second', '1/s', twenty.map((f) => f.perSecond), '≥ 5,000', false);
  row('  p99', 'ms', twenty.map((f) => f.p99), '≤ 10');
  row('  bytes of an answer', 'kB', twenty.map((f) => f.bytes / 1e3), '');

  const thousand = await each(async ({ port }, server) => {
    const id = await session(port);
    const times = [];
    let bytes = 0;
    for (let i = 0; i < 9; ++i) {
      const [name, args] = clusters(server, 'bench-1000', { limit: 1000, maxBytes: 1048576 });
      const start = performance.now();
      ({ bytes } = await call(port, id, name, args));
      times.push(performance.now() - start);
    }
    return { ms: median(times), bytes };
  });
  row('clusterDeployments.list of 1,000: one answer', 'ms', thousand.map((f) => f.ms), '');
  row('  its bytes', 'kB', thousand.map((f) => f.bytes / 1e3), '');

  const all = await each(async ({ child, port }, server) => {
    const id = await session(port);
    await calm();
    const before = rss(child);
    fs.writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
    const start = performance.now();
    let bytes = 0, count = 0, go_on;
    do {
      const [name, args] = server === us ? ['k0rdent.mgmt.objects.list', { kind: 'pods', namespace: 'bench-pods', limit: 1000, maxBytes: 1048576, ...(go_on && { continue: go_on }) }]
        : ['pods_list_in_namespace', { namespace: 'bench-pods' }];
      const answer = await call(port, id, name, args);
      bytes += answer.bytes;
      count += answer.result.structuredContent?.objects?.length ?? 0;
      go_on = answer.result.structuredContent?.continue;
    } while (server === us && go_on);
    if (server === us && count !== PODS) throw new Error(`objects.list: ${count} of ${PODS} pods`);
    return { ms: performance.now() - start, bytes, growth: (rss(child, 'VmHWM') - before) / 1024 };
  });
  row(`objects.list of ${PODS.toLocaleString('en')} pods of ${POD_BYTES / 1000} kB, to the end`, 'ms', all.map((f) => f.ms), '');
  row('  growth of memory, at most', 'MB', all.map((f) => f.growth), '≤ 8');
  row('  bytes sent', 'kB', all.map((f) => f.bytes / 1e3), '');

  const tools = await each(async ({ port }) => {
    const id = await session(port);
    const { text } = await ask(port, { method: 'POST', headers: mcpHeaders(id), body: message('tools/list', {}) });
    const json = text.startsWith('{') ? text : text.split('\n').find((line) => line.startsWith('data: ')).slice(6);
    const list = JSON.parse(json).result.tools;
    return { bytes: json.length, count: list.length, model: JSON.stringify(list.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))).length };
  });
  row('tools', '', tools.map((f) => f.count), '', false);
  row('  bytes of tools/list', 'kB', tools.map((f) => f.bytes / 1e3), '≤ 65.5');
  row('  of it before a model (some 4 bytes a token)', 'kB', tools.map((f) => f.model / 1e3), '≤ 20.5');
}

// The kubelet's part for pod logs: the API server asks the Node's address for /containerLogs, and this answers.
// Each line is one record of a CRI log file, with its own time; an answer behaves like a kubelet's.
import https from 'node:https';
import fs from 'node:fs';
import { randomBytes } from 'node:crypto';

/** Nanoseconds since 1970 → RFC 3339 with nine digits, as new kubelets write them. */
export const rfc3339nano = (ns) => {
  const whole = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
};

/** One container's log: what has been written, who is following. */
class ContainerLog {
  records = [];
  previous = undefined; // records of the instance before, when there was one
  ended = false;
  refusal = undefined; // {status, text}: what a kubelet says instead of a log
  stalled = false; // answers nothing at all
  followers = new Set();
  requests = []; // the query of every request, as URLSearchParams
  #last = 0n;

  /** Writes lines at now or at `at` (nanoseconds); times always ascend. Returns their times. */
  append(...lines) {
    return lines.map((line) => this.appendAt(BigInt(Date.now()) * 1_000_000n, line));
  }

  appendAt(ns, line) {
    this.#last = ns > this.#last ? ns : this.#last + 1n;
    const record = { ns: this.#last, line };
    this.records.push(record);
    for (const follower of this.followers) follower.deliver(record);
    return record.ns;
  }

  /** The container ends: every follower gets a clean end. */
  end() {
    this.ended = true;
    for (const follower of [...this.followers]) follower.finish();
  }

  /** A new instance starts: the old one's log becomes `previous`. */
  restart() {
    this.end();
    this.previous = this.records;
    this.records = [];
    this.ended = false;
  }

  /** The connection breaks under every follower. */
  cut() {
    for (const follower of [...this.followers]) follower.abort();
  }
}

export class Kubelet {
  #server;
  #logs = new Map();

  /** Starts it and registers a Node for it. */
  static async start(cluster) {
    const kubelet = new Kubelet();
    kubelet.cluster = cluster;
    kubelet.#server = https.createServer(
      { cert: fs.readFileSync(`${cluster.pki}/server.crt`), key: fs.readFileSync(`${cluster.pki}/server.key`) },
      (request, response) => kubelet.#serve(request, response));
    await new Promise((resolve) => kubelet.#server.listen(0, '127.0.0.1', resolve));
    kubelet.node = `node-${randomBytes(4).toString('hex')}`;
    await cluster.kube.create('/api/v1/nodes', { metadata: { name: kubelet.node } });
    await cluster.kube.merge(`/api/v1/nodes/${kubelet.node}/status`, {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: kubelet.#server.address().port } },
      },
    });
    return kubelet;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.cluster.kube.ask('DELETE', `/api/v1/nodes/${this.node}`);
  }

  log(namespace, pod, container = 'app') {
    const key = `${namespace}/${pod}/${container}`;
    if (!this.#logs.has(key)) this.#logs.set(key, new ContainerLog());
    return this.#logs.get(key);
  }

  /**
   * A running pod on this node. Returns {name, log(container), ended(), restarted()}; the latter two also tell the log.
   * options: containers, initContainers (names), restartPolicy.
   */
  async pod(namespace, name, { containers = ['app'], initContainers = [], restartPolicy = 'Always' } = {}) {
    const image = 'registry.example.test/app:1';
    const base = `/api/v1/namespaces/${namespace}/pods`;
    await this.cluster.kube.create(base, {
      metadata: { name },
      spec: {
        nodeName: this.node,
        restartPolicy,
        containers: containers.map((c) => ({ name: c, image })),
        initContainers: initContainers.map((c) => ({ name: c, image })),
      },
    });
    for (const c of [...initContainers, ...containers]) this.log(namespace, name, c); // empty, and there
    let instance = 0;
    const since = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const status = (phase, state) => this.cluster.kube.merge(`${base}/${name}/status`, {
      status: {
        phase,
        containerStatuses: containers.map((c) => ({
          name: c, image, imageID: 'sha256:1', ready: phase === 'Running', restartCount: instance,
          containerID: `containerd://${name}-${c}-${instance}`, state,
        })),
      },
    });
    await status('Running', { running: { startedAt: since() } });
    return {
      name,
      log: (container = containers[0]) => this.log(namespace, name, container),
      /** The containers end for good. */
      ended: async () => {
        await status('Succeeded', {
          terminated: { exitCode: 0, reason: 'Completed', startedAt: since(), finishedAt: since() }, running: null,
        });
        for (const c of containers) this.log(namespace, name, c).end();
      },
      /** They end and start again. */
      restarted: async () => {
        instance++;
        for (const c of containers) this.log(namespace, name, c).restart();
        await status('Running', { running: { startedAt: since() } });
      },
    };
  }

  #serve(request, response) {
    const url = new URL(request.url, 'https://kubelet');
    const [kind, namespace, pod, container] = url.pathname.split('/').slice(1);
    const log = kind === 'containerLogs' && this.#logs.get(`${namespace}/${pod}/${container}`);
    if (!log) return response.writeHead(404).end(`no log of ${url.pathname}\n`);
    const query = url.searchParams;
    log.requests.push(query);
    if (log.stalled) return;
    if (log.refusal) return response.writeHead(log.refusal.status).end(log.refusal.text);
    const previous = query.get('previous') === 'true';
    if (previous && !log.previous) {
      return response.writeHead(400).end(`previous terminated container "${container}" in pod "${pod}" not found`);
    }
    response.writeHead(200, { 'content-type': 'text/plain' });
    const answer = new Answer(response, query);
    for (const record of answer.select(previous ? log.previous : log.records)) answer.deliver(record);
    if (query.get('follow') !== 'true' || previous || log.ended) return answer.finish();
    log.followers.add(answer);
    response.flushHeaders();
    answer.onGone = () => log.followers.delete(answer);
    response.on('close', () => log.followers.delete(answer));
  }
}

/** One request's view of a log. */
class Answer {
  onGone = () => {};
  #budget;
  #done = false;

  constructor(response, query) {
    this.response = response;
    this.query = query;
    this.#budget = query.has('limitBytes') ? Number(query.get('limitBytes')) : Infinity;
  }

  /** sinceTime keeps records of that second and later (inclusive); tailLines then keeps the last ones. */
  select(records) {
    const { query } = this;
    let since = 0n;
    if (query.has('sinceSeconds')) since = BigInt(Date.now() - Number(query.get('sinceSeconds')) * 1000) * 1_000_000n;
    if (query.has('sinceTime')) since = BigInt(Date.parse(query.get('sinceTime'))) * 1_000_000n;
    const kept = records.filter(({ ns }) => ns >= since);
    if (!query.has('tailLines')) return kept;
    const count = Number(query.get('tailLines'));
    return count === 0 ? [] : kept.slice(-count);
  }

  deliver({ ns, line }) {
    if (this.#done) return;
    let bytes = Buffer.from((this.query.get('timestamps') === 'true' ? `${rfc3339nano(ns)} ` : '') + line + '\n');
    if (bytes.length > this.#budget) bytes = bytes.subarray(0, this.#budget);
    this.#budget -= bytes.length;
    this.response.write(bytes);
    if (this.#budget === 0) this.finish();
  }

  finish() {
    if (this.#done) return;
    this.#done = true;
    this.onGone();
    this.response.end();
  }

  abort() {
    this.onGone();
    this.response.destroy();
  }
}

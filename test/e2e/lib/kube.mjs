// A plain client of the API server for the tests' own hands: no kubectl, no throttle.
import https from 'node:https';
import fs from 'node:fs';
import { randomBytes } from 'node:crypto';

/** What an API server answered: `status`, and `body` (decoded JSON, else text). */
export class KubeError extends Error {
  constructor(method, path, answer) {
    super(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.status = answer.status;
    this.body = answer.body;
  }
}

export class Kube {
  /** credentials: {token} or {cert, key} (file names) or {} */
  constructor(url, caFile, credentials) {
    this.url = new URL(url);
    this.token = credentials.token;
    this.agent = new https.Agent({
      keepAlive: true,
      ca: fs.readFileSync(caFile),
      ...(credentials.cert && {
        cert: fs.readFileSync(credentials.cert),
        key: fs.readFileSync(credentials.key),
      }),
    });
  }

  /** Any answer, also a refusal. A stale keep-alive connection is retried once. */
  async ask(method, path, body, type = 'application/json', retry = true, accept = 'application/json') {
    try {
      return await this.#once(method, path, body, type, accept);
    } catch (error) {
      if (retry && error.reused) return this.ask(method, path, body, type, false, accept);
      throw error;
    }
  }

  #once(method, path, body, type, accept) {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const request = https.request(
        {
          method, path, agent: this.agent, host: this.url.hostname, port: this.url.port, timeout: 30_000,
          headers: {
            accept,
            ...(this.token && { authorization: `Bearer ${this.token}` }),
            ...(payload && { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const parts = [];
          response.on('data', (part) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(parts).toString();
            let decoded = text;
            try { decoded = JSON.parse(text); } catch { /* logs and health are text */ }
            resolve({ status: response.statusCode, body: decoded });
          });
        });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      request.on('error', (error) => reject(Object.assign(error, { reused: request.reusedSocket })));
      request.end(payload);
    });
  }

  /** The body of an answer that must be 2xx. */
  async must(method, path, body, type) {
    const answer = await this.ask(method, path, body, type);
    if (answer.status < 200 || answer.status > 299) throw new KubeError(method, path, answer);
    return answer.body;
  }

  get(path) { return this.must('GET', path); }
  /** The server-side table that kubectl prints. */
  async table(path) {
    const answer = await this.ask('GET', path, undefined, 'application/json', true, 'application/json;as=Table;v=v1;g=meta.k8s.io');
    if (answer.status !== 200) throw new KubeError('GET', path, answer);
    return answer.body;
  }
  create(path, object) { return this.must('POST', path, object); }
  merge(path, patch) { return this.must('PATCH', path, patch, 'application/merge-patch+json'); }
  delete(path) { return this.must('DELETE', path); }

  /** A response that is read while it lasts: {status, lines: async iterator of text chunks, destroy}. */
  stream(path) {
    return new Promise((resolve, reject) => {
      const request = https.get(
        {
          path, agent: this.agent, host: this.url.hostname, port: this.url.port,
          headers: this.token ? { authorization: `Bearer ${this.token}` } : {},
        },
        (response) => {
          response.setEncoding('utf8');
          resolve(response);
        });
      request.on('error', reject);
    });
  }

  close() { this.agent.destroy(); }

  // --- objects that stories need ---

  /** A fresh namespace; returns its name. */
  async namespace(prefix = 'story', labels = undefined) {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`;
    await this.create('/api/v1/namespaces', { metadata: { name, ...(labels && { labels }) } });
    return name;
  }

  /** A core/v1 Event as client-go's older recorder writes it. over: fields to replace. */
  coreEvent(namespace, name, over = {}) {
    return this.create(`/api/v1/namespaces/${namespace}/events`, coreEvent(namespace, name, over));
  }

  /** Counts a core event up, as a recorder does when something repeats. */
  bumpEvent(namespace, name, count) {
    return this.merge(`/api/v1/namespaces/${namespace}/events/${name}`, {
      count, lastTimestamp: seconds(new Date()),
    });
  }

  deleteEvent(namespace, name) {
    return this.delete(`/api/v1/namespaces/${namespace}/events/${name}`);
  }

  /** Lets username read what the rules say in one namespace. */
  async grant(namespace, username, rules) {
    const name = `may-${randomBytes(3).toString('hex')}`;
    const base = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await this.create(`${base}/roles`, { metadata: { name }, rules });
    await this.create(`${base}/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: username }],
    });
  }
}

/** RFC 3339 in whole seconds, UTC: what the API server makes of every metav1.Time. */
export const seconds = (date) => date.toISOString().replace(/\.\d+Z$/, 'Z');

export function coreEvent(namespace, name, over = {}) {
  const now = seconds(new Date());
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web-0', uid: 'u-1' },
    reason: 'Started',
    message: `Started ${name}`,
    type: 'Normal',
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: 'kubelet', host: 'node-1' },
    ...over,
  };
}

/** The rules of one who may read events and pod logs. */
export const READ_EVENTS = [
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['get', 'list', 'watch'] },
];
export const READ_LOGS = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
];

// What the API server says it was asked: its audit log, written before each answer (blocking mode).
// The harness's own user is left out of it by policy, so what is here came from the product.
import fs from 'node:fs';

export class Audit {
  #file;
  #offset = 0;
  #rest = '';
  #entries = [];

  constructor(file) {
    this.#file = file;
  }

  /** Every entry so far that passes filter, oldest first. */
  entries(filter = () => true) {
    this.#read();
    return this.#entries.filter(filter);
  }

  /** One entry a request (its first stage). */
  requests(filter = () => true) {
    return this.entries((entry) => entry.stage === 'RequestReceived' && filter(entry));
  }

  /** The requests that are not answered to the end yet: open watches and log streams among them. */
  open(filter = () => true) {
    const done = new Set(this.entries((e) => e.stage === 'ResponseComplete' || e.stage === 'Panic').map((e) => e.auditID));
    return this.requests((e) => filter(e) && !done.has(e.auditID));
  }

  #read() {
    const fd = fs.openSync(this.#file, 'r');
    try {
      const buffer = Buffer.alloc(1 << 20);
      for (let got; (got = fs.readSync(fd, buffer, 0, buffer.length, this.#offset)) > 0; ) {
        this.#offset += got;
        this.#rest += buffer.toString('latin1', 0, got);
      }
    } finally {
      fs.closeSync(fd);
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop();
    for (const line of lines) if (line) this.#entries.push(JSON.parse(line));
  }
}

export const by = (username) => (entry) => entry.user?.username === username;
export const watchOf = (namespace, resource = 'events') => (entry) =>
  entry.verb === 'watch' && entry.objectRef?.resource === resource && entry.objectRef?.namespace === namespace;
export const logOf = (namespace, pod) => (entry) =>
  entry.objectRef?.subresource === 'log' && entry.objectRef?.namespace === namespace && entry.objectRef?.name === pod;
export const touching = (namespace) => (entry) =>
  entry.objectRef?.namespace === namespace || decodeURIComponent(entry.requestURI).includes(`/${namespace}/`);
export const all = (...filters) => (entry) => filters.every((filter) => filter(entry));

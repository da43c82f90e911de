// A TCP proxy between the product and the API server: counts connections, and fails on command.
// TLS goes through untouched, so the server's certificate still has to fit 127.0.0.1.
import net from 'node:net';
import { freePort } from './proc.mjs';

export class Proxy {
  #server;
  #pairs = new Set();
  #target;
  /** Connections accepted since the start. */
  accepted = 0;
  bytesFromClient = 0;

  /** Not listening yet: a port where nothing answers. */
  static async to(target) {
    const proxy = new Proxy();
    proxy.#target = new URL(target);
    proxy.port = await freePort();
    proxy.url = `https://127.0.0.1:${proxy.port}`;
    return proxy;
  }

  get active() { return this.#pairs.size; }

  async open() {
    if (this.#server) return this;
    this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    await new Promise((resolve, reject) =>
      this.#server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
    return this;
  }

  /** Nobody gets in any more; what is open stays open. */
  async refuse() {
    const server = this.#server;
    this.#server = undefined;
    if (server) server.close();
  }

  /** Ends every connection with a reset, mid-byte. */
  cut() {
    for (const [client, upstream] of this.#pairs) {
      // A reset while the end is under way is taken by node 22 as done and never is: the process would not exit.
      if (client.writableEnded) client.destroy();
      else client.resetAndDestroy();
      upstream.destroy();
    }
    this.#pairs.clear();
  }

  async close() {
    await this.refuse();
    this.cut();
  }

  #accept(client) {
    this.accepted++;
    const upstream = net.connect({ host: this.#target.hostname, port: this.#target.port, allowHalfOpen: true });
    const pair = [client, upstream];
    this.#pairs.add(pair);
    client.on('data', (bytes) => (this.bytesFromClient += bytes.length));
    client.pipe(upstream);
    upstream.pipe(client);
    for (const [socket, other] of [pair, [upstream, client]]) {
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}

// The official MCP client of revision 2026-07-28, with a record of what reached it. Each subscription is a stream of its own.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Recorder } from './recorder.mjs';

export const MODERN = '2026-07-28';

export class ModernSession extends Recorder {
  /** How each listen stream is: {ended: undefined | 'clean' | why not}. */
  streams = [];
  #open = new Map();

  /**
   * options: token (bearer; may be changed later), headers; mode: 'auto' to let the client find out which era it meets; transport
   * instead of HTTP to the product; listChanged: which lists it wants to hear of, and how.
   */
  static async open(product, { token, headers = {}, t, mode = { pin: MODERN }, transport, listChanged } = {}) {
    const session = new ModernSession();
    session.product = product;
    session.token = token;
    const client = (session.client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' },
      { capabilities: {}, versionNegotiation: { mode }, listChanged }));
    client.onerror = (error) => session.errors.push(error);
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => session.record(params));
    session.transport = transport ?? new StreamableHTTPClientTransport(product.url, {
      fetch: (url, init) => session.#fetch(url, init),
      requestInit: { headers },
    });
    t?.after(() => session.close());
    await client.connect(session.transport);
    return session;
  }

  #fetch(url, init) {
    const headers = new Headers(init.headers);
    if (this.token) headers.set('authorization', `Bearer ${this.token}`);
    return fetch(url, { ...init, headers });
  }

  get version() { return this.client.getNegotiatedProtocolVersion(); }

  /** A stream that listens to these; throws what was not honored. */
  async listen(...uris) {
    const listening = await this.client.listen({ resourceSubscriptions: uris });
    const honored = listening.honoredFilter.resourceSubscriptions ?? [];
    const left = uris.filter((uri) => !honored.includes(uri));
    if (left.length) {
      await listening.close();
      throw Object.assign(new Error(`not honored: ${left}`), { code: -32602 });
    }
    const stream = { ended: undefined };
    this.streams.push(stream);
    listening.closed.then((how) => (stream.ended = how === 'graceful' ? 'clean' : how));
    return listening;
  }

  async subscribe(uri) {
    if (!this.#open.has(uri)) this.#open.set(uri, await this.listen(uri));
  }

  async unsubscribe(uri) {
    await this.#open.get(uri)?.close();
    this.#open.delete(uri);
  }

  /** The end of every stream, then of the client. */
  async terminate() {
    for (const uri of this.#open.keys()) await this.unsubscribe(uri);
    await this.close();
  }

  /** The client goes without a word: its connections close. */
  close() { return this.client.close(); }
}

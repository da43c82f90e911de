// The official MCP client of the older revisions, with a record of what reached it.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Recorder } from './recorder.mjs';

export { ToolError } from './recorder.mjs';

export class Session extends Recorder {
  /** How each GET stream is: {ended: undefined | 'clean' | Error}. */
  streams = [];

  /** options: token (bearer; may be changed later), version (the protocol version asked for), headers. */
  static async open(product, { token, version, headers = {}, t } = {}) {
    const session = new Session();
    session.product = product;
    session.token = token;
    const client = (session.client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} }));
    client.onerror = (error) => session.errors.push(error);
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => session.record(params));
    const transport = (session.transport = new StreamableHTTPClientTransport(product.url, {
      fetch: (url, init) => session.#fetch(url, init),
      requestInit: { headers },
      reconnectionOptions: { maxRetries: 0, initialReconnectionDelay: 10, maxReconnectionDelay: 10, reconnectionDelayGrowFactor: 1 },
    }));
    if (version) {
      const send = transport.send.bind(transport);
      transport.send = (message, options) => {
        if (message.method === 'initialize') message.params.protocolVersion = version;
        return send(message, options);
      };
    }
    t?.after(() => session.close());
    await client.connect(transport);
    return session;
  }

  async #fetch(url, init) {
    const headers = new Headers(init.headers);
    if (this.token) headers.set('authorization', `Bearer ${this.token}`);
    const response = await fetch(url, { ...init, headers });
    if (init.method !== 'GET' || !response.ok) return response;
    const stream = { ended: undefined };
    this.streams.push(stream);
    const reader = response.body.getReader();
    const body = new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          stream.ended = 'clean';
          controller.close();
        } catch (error) {
          stream.ended = error;
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }

  get version() { return this.transport.protocolVersion; }
  get id() { return this.transport.sessionId; }

  /** The headers of a request by hand in this session. */
  get headers() {
    return {
      'mcp-session-id': this.id,
      'mcp-protocol-version': this.transport.protocolVersion ?? '2025-11-25',
      ...(this.token && { authorization: `Bearer ${this.token}` }),
    };
  }

  subscribe(uri) { return this.client.subscribeResource({ uri }); }
  unsubscribe(uri) { return this.client.unsubscribeResource({ uri }); }

  /** DELETE of the session, then the end of the client. */
  async terminate() {
    await this.transport.terminateSession();
    await this.client.close();
  }

  /** The client goes without a word: its connections close, the session stays. */
  close() { return this.client.close(); }
}

export const eventsUri = (namespace) => `k0rdent://events/${namespace}`;
export const logsUri = (namespace, pod, container = 'app') => `k0rdent://podlogs/${namespace}/${pod}/${container}`;

/** The text or decoded blob of a read's one content. */
export function contentOf(result) {
  const [content] = result.contents;
  return content.text ?? (content.blob !== undefined ? Buffer.from(content.blob, 'base64').toString() : '');
}

/** "ADDED web-0.1", one for each delta of an event stream. */
export const brief = (deltas) => deltas.map(({ action, event }) => `${action} ${event?.name}`);

// The official MCP client, with a record of what reached it.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { until } from './wait.mjs';

export class Session {
  /** Every notifications/resources/updated, in order of arrival: {uri, delta}. */
  updates = [];
  /** How each GET stream is: {ended: undefined | 'clean' | Error}. */
  streams = [];
  errors = [];

  /** options: token (bearer; may be changed later), version (the protocol version asked for), headers. */
  static async open(product, { token, version, headers = {}, t } = {}) {
    const session = new Session();
    session.product = product;
    session.token = token;
    const client = (session.client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} }));
    client.onerror = (error) => session.errors.push(error);
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      session.updates.push({ uri: params.uri, delta: params._meta?.delta });
    });
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

  get id() { return this.transport.sessionId; }

  /** The headers of a request by hand in this session. */
  get headers() {
    return {
      'mcp-session-id': this.id,
      'mcp-protocol-version': this.transport.protocolVersion ?? '2025-11-25',
      ...(this.token && { authorization: `Bearer ${this.token}` }),
    };
  }

  /** A tool's structured result; its text copy must say the same (2025-03-26 knows only the text). A tool error is thrown. */
  async call(name, args = {}) {
    const result = await this.client.callTool({ name, arguments: args });
    if (result.isError) throw new ToolError(result.content.map((c) => c.text).join('\n'));
    const copy = JSON.parse(result.content[0].text);
    if (this.transport.protocolVersion === '2025-03-26') {
      if ('structuredContent' in result) throw new Error(`${name}: structuredContent is not in 2025-03-26`);
      return copy;
    }
    if (JSON.stringify(sorted(copy)) !== JSON.stringify(sorted(result.structuredContent))) {
      throw new Error(`${name}: the text copy differs from structuredContent`);
    }
    return result.structuredContent;
  }

  /** The error text of a call that must be refused: a tool error, or -32602. */
  async refusal(name, args) {
    try {
      await this.call(name, args);
    } catch (error) {
      if (error instanceof ToolError || error.code === -32602) return error.message;
      throw error;
    }
    throw new Error(`${name} ${JSON.stringify(args)} was not refused`);
  }

  subscribe(uri) { return this.client.subscribeResource({ uri }); }
  unsubscribe(uri) { return this.client.unsubscribeResource({ uri }); }
  read(uri) { return this.client.readResource({ uri }); }

  /** The deltas that came for one uri so far. */
  deltas(uri) { return this.updates.filter((update) => update.uri === uri).map((update) => update.delta); }

  /** Waits until check(deltas of uri) is true. */
  async got(what, uri, check, ms) {
    await until(() => `${what}; got ${JSON.stringify(this.updates.slice(-8))}\n${this.product.tail(15)}`,
      () => check(this.deltas(uri)), { ms });
    return this.deltas(uri);
  }

  /** DELETE of the session, then the end of the client. */
  async terminate() {
    await this.transport.terminateSession();
    await this.client.close();
  }

  /** The client goes without a word: its connections close, the session stays. */
  close() { return this.client.close(); }
}

export class ToolError extends Error {}

export const eventsUri = (namespace) => `k0rdent://events/${namespace}`;
export const logsUri = (namespace, pod, container = 'app') => `k0rdent://podlogs/${namespace}/${pod}/${container}`;

/** The text or decoded blob of a read's one content. */
export function contentOf(result) {
  const [content] = result.contents;
  return content.text ?? (content.blob !== undefined ? Buffer.from(content.blob, 'base64').toString() : '');
}

/** "ADDED web-0.1", one for each delta of an event stream. */
export const brief = (deltas) => deltas.map(({ action, event }) => `${action} ${event?.name}`);

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  return value;
}

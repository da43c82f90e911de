// What every client of a story does alike, whatever its era: calls that are checked, and a record of what reached it.
import { until } from './wait.mjs';

const LISTS = /(namespaces|Deployments|Templates|Services)\.list(All)?$|listCredentials$|listIdentities$|(pods|events)\.list$|graph\.snapshot$/;

export class ToolError extends Error {}

/** Of its heirs: `client`, `product`, and `version`, the revision that is spoken. */
export class Recorder {
  /** Every notifications/resources/updated, in order of arrival: {uri, delta}; delta: {code, message} if it was refused late. */
  updates = [];
  errors = [];

  record({ uri, _meta }) { this.updates.push({ uri, delta: _meta?.delta ?? _meta?.error }); }

  /** A tool's structured result; its text copy must say the same (before 2025-06-18 there is only the text). A tool error is thrown. */
  async call(name, args = {}) {
    // The text of a list tool is a table unless JSON is asked for.
    const form = LISTS.test(name) ? { format: 'json', ...args } : args;
    const result = await this.client.callTool({ name, arguments: form });
    if (result.isError) throw new ToolError(result.content.map((c) => c.text).join('\n'));
    if (name.endsWith('podLogs.get')) return logOf(name, result, this.version);
    const copy = JSON.parse(result.content[0].text);
    if (this.version < '2025-06-18') {
      if ('structuredContent' in result) throw new Error(`${name}: structuredContent is not in ${this.version}`);
      return copy;
    }
    if (JSON.stringify(sorted(copy)) !== JSON.stringify(sorted(result.structuredContent))) {
      throw new Error(`${name}: the text copy differs from structuredContent`);
    }
    return result.structuredContent;
  }

  /** A tool's answer as it came. A tool error is thrown. */
  async show(name, args = {}) {
    const result = await this.client.callTool({ name, arguments: args });
    if (result.isError) throw new ToolError(result.content.map((c) => c.text).join('\n'));
    return result;
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

  read(uri) { return this.client.readResource({ uri }); }

  /** The deltas that came for one uri so far. */
  deltas(uri) { return this.updates.filter((update) => update.uri === uri).map((update) => update.delta); }

  /** Waits until check(deltas of uri) is true. */
  async got(what, uri, check, ms) {
    await until(() => `${what}; got ${JSON.stringify(this.updates.slice(-8))}\n${this.product.tail(15)}`,
      () => check(this.deltas(uri)), { ms });
    return this.deltas(uri);
  }
}

/** A log's text content is its lines, after what there is to say of them in brackets. */
function logOf(name, { content: [{ text }], structuredContent }, version) {
  if (version < '2025-06-18') return { logs: text === '[no lines]\n' ? '' : text };
  if (!text.endsWith(structuredContent.logs || '[no lines]\n')) throw new Error(`${name}: the text differs from structuredContent`);
  return structuredContent;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  return value;
}

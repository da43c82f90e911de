// What a user of the official TypeScript SDK (1.x @modelcontextprotocol/sdk, 2.x @modelcontextprotocol/client) does in a day, on
// one server: connect, list, call, read, subscribe, be told of an update; then the server is restarted, and it goes on. With
// mcp-remote in DIR the same by standard input and output, through that bridge.
// usage: node story.mjs URL MODE DIR      MODE: of SDK 2.x, "legacy" or "auto"; DIR: where the package is installed
// Lines and the restart: as in story.py.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import fs from 'node:fs';

const [url, mode, dir] = process.argv.slice(2);
const require = createRequire(path.join(dir, 'package.json'));
const NAMESPACE = 'team-a';
const URI = `k0rdent://events/${NAMESPACE}`;
const STEP_MS = 15_000;
const LIVE_AFTER_MS = 700; // the snapshot is told long before
const second = fs.existsSync(path.join(dir, 'node_modules/@modelcontextprotocol/client'));
const bridge = path.join(dir, 'node_modules/mcp-remote/dist/proxy.js');
const bridged = fs.existsSync(bridge);
const CALM_MS = 5000; // a bridge that opens its stream again and again does so each second
const info = { name: 'client-story', version: '1' };

const ok = (step, detail = '') => console.log('ok', step, detail);
const within = (promise, what) => Promise.race([promise,
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: nothing within ${STEP_MS / 1000} s`)), STEP_MS).unref())]);

async function connect() {
  const seen = { updates: [], wake: () => {} };
  const on_update = ({ params }) => { seen.updates.push({ at: performance.now(), params }); seen.wake(); };
  let client, revision;
  if (second) {
    const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');
    client = new Client(info, { versionNegotiation: { mode } });
    client.setNotificationHandler('notifications/resources/updated', on_update);
    const transport = new StreamableHTTPClientTransport(new URL(url));
    await client.connect(transport);
    revision = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
  } else {
    const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const { ResourceUpdatedNotificationSchema } = require('@modelcontextprotocol/sdk/types.js');
    client = new Client(info, { capabilities: {} });
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, on_update);
    const transport = bridged
      ? new (require('@modelcontextprotocol/sdk/client/stdio.js').StdioClientTransport)({
        command: process.execPath, args: [bridge, url, '--allow-http', '--transport', 'http-only', '--protocol', mode], stderr: 'inherit',
        env: { ...process.env, MCP_REMOTE_CONFIG_DIR: path.join(dir, 'config') },
      })
      : new StreamableHTTPClientTransport(new URL(url));
    await client.connect(transport);
    revision = transport.protocolVersion ?? '-'; // 1.12 does not say
  }
  client.onerror = (error) => console.error('note:', error.message);
  return { client, revision, seen };
}

async function call({ client }) {
  const text = (result) => {
    if (result.isError) throw new Error(result.content[0].text);
    return result.content[0].text;
  };
  const listed = text(await client.callTool({ name: 'k0rdent.mgmt.namespaces.list', arguments: {} }));
  if (!listed.includes(NAMESPACE)) throw new Error(`${NAMESPACE} is not in the list of namespaces`);
  // What an adapter writes for everything that was left out.
  const nulls = { namespace: NAMESPACE, types: null, forKind: null, limit: null, labelSelector: null };
  text(await client.callTool({ name: 'k0rdent.mgmt.events.list', arguments: nulls }));
  ok('call');
}

async function subscribe({ client, revision, seen }) {
  const since = performance.now();
  let listening;
  if (revision >= '2026-07-28') {
    listening = await client.listen({ resourceSubscriptions: [URI] });
    ok('subscribe', 'listen');
  } else {
    await client.subscribeResource({ uri: URI });
    ok('subscribe');
  }
  await within((async () => {
    for (let at = 0; ;) {
      for (; at < seen.updates.length; at++) {
        if (seen.updates[at].at - since < LIVE_AFTER_MS) continue;
        if (!seen.updates[at].params._meta?.delta) throw new Error(`an update without its delta: ${JSON.stringify(seen.updates[at])}`);
        return;
      }
      await new Promise((resolve) => { seen.wake = resolve; });
    }
  })(), 'an update');
  ok('update');
  return listening;
}

async function day(connected) {
  const { client, revision } = connected;
  ok('connect', revision);
  const tools = (await client.listTools()).tools.map((tool) => tool.name);
  if (!tools.includes('k0rdent.mgmt.events.list')) throw new Error(`tools: ${tools}`);
  ok('list', tools.length);
  await call(connected);
  if (!(await client.readResource({ uri: URI })).contents[0].text) throw new Error('an empty resource');
  ok('read');
  await subscribe(connected);
}

/** For a while nothing is told twice. */
async function calm({ seen }) {
  const from = seen.updates.length;
  await new Promise((resolve) => setTimeout(resolve, CALM_MS));
  const told = seen.updates.slice(from).map((update) => JSON.stringify(update.params));
  if (new Set(told).size < told.length) throw new Error(`of ${told.length} updates ${told.length - new Set(told).size} came twice`);
  if (!told.length) throw new Error('no updates any more');
}

const first = await connect();
await day(first);
ok('ready');
await new Promise((resolve) => readline.createInterface(process.stdin).once('line', resolve));
try {
  await within(call(first), 'an answer after the restart');
  await subscribe(first);
  if (bridged) await calm(first);
  ok('survive', 'same client');
} catch (error) {
  console.log('note after the restart:', error.message);
  await first.client.close().catch(() => {});
  await day(await connect());
  ok('survive', 'new client');
}
process.exit(0);

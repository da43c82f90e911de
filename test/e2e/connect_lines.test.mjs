// The README's lines that connect a client: each link and configuration is decoded, and what it names is started or reached.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { root } from './lib/cluster.mjs';
import { Product, binary } from './lib/product.mjs';
import { startSim } from './lib/sim.mjs';

const sim = await startSim();
const product = await Product.start(undefined, { kubeconfig: sim.kubeconfig });
after(async () => {
  await product.stop();
  await sim.stop();
});
const text = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const bin = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'bin-'));
fs.symlinkSync(binary, path.join(bin, 'k0rdent-mcp'));

/** Connects as the configuration says, {url} or {command, args}, and lists the tools. */
async function connect({ url, command, args }) {
  let transport;
  if (url) {
    assert.equal(url, 'http://127.0.0.1:6767/mcp', 'where the server listens by default');
    transport = new StreamableHTTPClientTransport(product.url);
  } else {
    const words = args.map((each) => (each.startsWith('/path/to/') ? sim.kubeconfig : each));
    transport = new StdioClientTransport({ command, args: words, env: { PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: sim.kubeconfig }, stderr: 'ignore' });
  }
  const client = new Client({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, { capabilities: {} });
  await client.connect(transport);
  try {
    assert.ok((await client.listTools()).tools.length > 10);
  } finally {
    await client.close();
  }
}

/** What a link tells its application: {app, name, …configuration}. */
function decode(link) {
  const url = new URL(link);
  if (url.protocol === 'vscode:') {
    assert.equal(url.pathname, 'mcp/install');
    return { app: 'vscode', ...JSON.parse(decodeURIComponent(url.search.slice(1))) };
  }
  assert.equal(`${url.host}${url.pathname}`, 'anysphere.cursor-deeplink/mcp/install');
  return { app: 'cursor', name: url.searchParams.get('name'), ...JSON.parse(Buffer.from(url.searchParams.get('config'), 'base64').toString()) };
}

test('each link decodes, and what it names lists its tools', async () => {
  const links = (text.match(/\b(?:vscode|cursor):[^\s`)]+/g) ?? []).map(decode);
  assert.deepEqual(links.map(({ app, name, url }) => `${app} ${name} ${url ? 'http' : 'stdio'}`), ['vscode k0rdent http', 'vscode k0rdent stdio', 'cursor k0rdent http', 'cursor k0rdent stdio']);
  for (const link of links) await connect(link);
});

test('each configuration is JSON, and what it names lists its tools', async () => {
  const all = [];
  for (const [, line] of text.matchAll(/^(?:code --add-mcp ')?(\{.*\})'?(?: +#.*)?$/gm)) {
    const value = JSON.parse(line);
    all.push(...(value.mcpServers ? Object.values(value.mcpServers) : [value]));
  }
  assert.deepEqual(all.map(({ url }) => (url ? 'http' : 'stdio')), ['http', 'http', 'stdio']);
  for (const each of all) await connect(each);
});

test('each command names the address where the server listens, or the command that serves its client', () => {
  for (const client of ['claude mcp add', 'codex mcp add', 'gemini mcp add', 'goose session', 'npx @modelcontextprotocol/inspector']) {
    const lines = text.split('\n').filter((line) => line.startsWith(client));
    assert.ok(lines.length > 0, client);
    for (const line of lines) assert.match(line, /http:\/\/127\.0\.0\.1:6767\/mcp| -- k0rdent-mcp stdio /, line);
  }
});

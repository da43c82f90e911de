// A process that may use 32 MB: whatever strangers and callers do, it answers on. The limit is the kernel's: what goes beyond it is
// refused there, and a program that does not count would end.
import fs from 'node:fs';
import net from 'node:net';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());
const MiB = 1 << 20;
const LIMIT = 32 * MiB;

const initialize = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'flood', version: '1' } } });
const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

/** Address space beyond what resident memory at rest is taken for: 32 MB in all, and not a page more. */
function limit(product) {
  const status = fs.readFileSync(`/proc/${product.child.pid}/status`, 'utf8');
  const bytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]);
  execFileSync('prlimit', ['--pid', `${product.child.pid}`, `--as=${bytes('VmSize') + LIMIT - bytes('VmRSS')}`]);
}

const head = (product, fields, length) =>
  `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${product.port}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${fields}Content-Length: ${length}\r\n\r\n`;

/** `count` connections that send `bytes` and read nothing, until end(). */
async function flood(product, count, bytes) {
  const sockets = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const socket = net.connect(product.port, '127.0.0.1', () => { socket.write(bytes); resolve(socket.pause()); });
    socket.on('error', () => resolve(socket));
  })));
  return { end: () => sockets.forEach((socket) => socket.destroy()) };
}

async function answersOn(product, what) {
  const health = await product.get('/healthz');
  assert.equal(health.status, 200, `${what}: /healthz`);
  assert.equal(product.child.exitCode, null, what);
}

// AddressSanitizer reserves terabytes of address space and keeps what was freed.
const skip = process.env.K0RDENT_MCP_VARIANT === 'asan' && 'optional: a limit of address space means nothing under AddressSanitizer';
for (const mode of ['OIDC_REQUIRED', 'DEV_ALLOW_ANY']) {
  test(`with 32 MB the process answers on, whatever comes (${mode})`, { skip }, async (t) => {
    const product = await Product.start(t, { cluster, env: { AUTH_MODE: mode }, args: ['--memory-limit=32Mi', '--log-level=info'] });
    limit(product);
    const big = 'x'.repeat(600_000), junk = 'Authorization: Bearer junk\r\n';
    const attacks = {
      'bodies without a token': () => flood(product, 150, head(product, '', 4 * MiB) + big),
      'bodies with junk tokens': () => flood(product, 150, head(product, junk, 4 * MiB) + big),
      'bodies that are small enough, with junk tokens': () => flood(product, 300, head(product, junk, 60_000) + 'x'.repeat(59_999)),
      'bodies in chunks': () => flood(product, 150, head(product, junk, 0).replace(/Content-Length: 0/, 'Transfer-Encoding: chunked') + `7d000\r\n${'x'.repeat(512_000)}`),
      'heads that do not end': () => flood(product, 600, `GET /mcp HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(15_000)}`),
      'silence': () => flood(product, 900, ''),
      'pipelines that are not read': () => flood(product, 200, (head(product, junk, list.length) + list).repeat(500)),
      'a batch of ones': () => flood(product, 4, head(product, junk, 600_001) + `[${'1,'.repeat(299_999)}1]`),
      'a session for each': () => flood(product, 300, (head(product, junk, initialize.length) + initialize).repeat(30)),
    };
    for (const [what, attack] of Object.entries(attacks)) {
      const attackers = await attack();
      for (let i = 0; i < 5; ++i) {
        await pause(200);
        await answersOn(product, what);
      }
      attackers.end();
      await pause(100);
      await answersOn(product, `after ${what}`);
    }
  });
}

// What TLS costs at the listener: handshakes, tools/list beside nginx with the same certificate, idle connections; and what one caller's flood costs
// another caller (their certificates tell them apart).
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { calm, end, freePort, modern, rss, run, until, work, wrk } from './lib.mjs';

export const at = (name) => path.join(work, name);
const IDLE = 2000;
const FLOOD_CONNECTIONS = 64, PROBES = 1500;

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
export function certificates() {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-days', '2', '-subj', '/CN=bench authority', '-keyout', at('tls-ca.key'), '-out', at('tls-ca.crt'));
  for (const [name, extension] of [['server', 'subjectAltName=IP:127.0.0.1'], ['alice', 'extendedKeyUsage=clientAuth'], ['bob', 'extendedKeyUsage=clientAuth']]) {
    fs.writeFileSync(at('tls.ext'), `${extension}\n`);
    openssl('req', ...ec, '-subj', `/CN=${name}`, '-keyout', at(`tls-${name}.key`), '-out', at('tls.csr'));
    openssl('x509', '-req', '-days', '2', '-in', at('tls.csr'), '-CA', at('tls-ca.crt'), '-CAkey', at('tls-ca.key'), '-CAcreateserial', '-extfile', at('tls.ext'), '-out', at(`tls-${name}.crt`));
  }
}
const client = (name) => ({ ca: fs.readFileSync(at('tls-ca.crt')), ...(name && { cert: fs.readFileSync(at(`tls-${name}.crt`)), key: fs.readFileSync(at(`tls-${name}.key`)) }) });

function ask(port, { method = 'POST', target = '/mcp', headers = {}, body, agent }) {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, path: target, method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, text })).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

async function serve(us, ...flags) {
  const port = await freePort();
  const child = run(us.binary, [...us.args(port), '--tls-cert-file', at('tls-server.crt'), '--tls-key-file', at('tls-server.key'), ...flags]);
  const agent = new https.Agent({ ...client('alice') });
  await until('the server answers over TLS', async () => (await ask(port, { method: 'GET', target: '/readyz', agent })).status === 200);
  agent.destroy();
  return { child, port };
}

/** Handshakes a second, as openssl's s_time counts them for some seconds. */
function handshakes(port, how) {
  const text = execFileSync('openssl', ['s_time', '-connect', `127.0.0.1:${port}`, '-CAfile', at('tls-ca.crt'), '-tls1_2', how, '-time', '4'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [, count, seconds] = [...text.matchAll(/(\d+) connections in (\d+) real seconds/g)].at(-1);
  return Number(count) / Math.max(1, Number(seconds));
}

async function nginx(bytes) {
  const root = at('nginx-tls');
  fs.mkdirSync(root, { recursive: true });
  fs.writeFileSync(path.join(root, 'list.json'), bytes);
  const port = await freePort();
  fs.writeFileSync(path.join(root, 'nginx.conf'), `daemon off; worker_processes 1; pid ${root}/pid; error_log ${root}/error.log; user root;
    events { worker_connections 4096; } http { access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; open_file_cache max=10;
    client_body_temp_path ${root}/b; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f; uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
    ssl_certificate ${at('tls-server.crt')}; ssl_certificate_key ${at('tls-server.key')}; ssl_protocols TLSv1.2 TLSv1.3;
    server { listen 127.0.0.1:${port} ssl; root ${root}; default_type application/json; } }`);
  const child = run('/usr/sbin/nginx', ['-c', path.join(root, 'nginx.conf')]);
  const agent = new https.Agent(client());
  await until('nginx answers', async () => (await ask(port, { method: 'GET', target: '/list.json', agent })).status === 200);
  agent.destroy();
  return { child, port };
}

async function idleMemory(child, port) {
  const open = () => new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ...client() }, () => {
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.once('data', () => resolve(socket));
    });
    socket.once('error', reject);
  });
  (await open()).destroy();
  await calm();
  const before = rss(child);
  const sockets = [];
  while (sockets.length < IDLE) sockets.push(...await Promise.all(Array.from({ length: 50 }, open)));
  await calm();
  const kB = (rss(child) - before) / IDLE;
  for (const socket of sockets) socket.destroy();
  return kB;
}

/** us: how our server is started; row: shows a figure. */
export async function overTls(us, row) {
  certificates();
  const { child, port } = await serve(us);
  row('full TLS handshakes a second', '1/s', [handshakes(port, '-new')], '', false);
  row('  resumed', '1/s', [handshakes(port, '-reuse')], '', false);
  const request = modern('tools/list', {});
  const agent = new https.Agent(client());
  const { text } = await ask(port, { ...request, agent });
  agent.destroy();
  const other = await nginx(text);
  const theirs = wrk(`https://127.0.0.1:${other.port}/list.json`);
  await end(other.child);
  const ours = wrk(`https://127.0.0.1:${port}/mcp`, { body: request.body, headers: request.headers });
  row('tools/list over TLS a second', '1/s', [ours.perSecond, theirs.perSecond], `≥ 0.6 × nginx = ${Math.round(theirs.perSecond * 0.6).toLocaleString('en')}`, false);
  row('  its p99', 'ms', [ours.p99, theirs.p99], '');
  row(`memory per idle TLS connection, of ${IDLE}`, 'kB', [await idleMemory(child, port)], '≤ 12, which OpenSSL 3.0 does not allow: 14.0 are its own (an SSL has 7.6, its two ciphers 2.3, its session 0.9)');
  await end(child);
}

const call = (name) => modern('tools/call', { name, arguments: {} });

/** p99 of one call after the other, ms. */
async function bystander(port, name) {
  const agent = new https.Agent({ ...client('bob'), keepAlive: true, maxSockets: 1 });
  const took = [];
  for (let i = 0; i < PROBES; ++i) {
    const begin = performance.now();
    const { status } = await ask(port, { ...call(name), agent });
    if (status !== 200) throw new Error(`the bystander got ${status}`);
    took.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, 5));  // below its own rate
  }
  agent.destroy();
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)];
}

export async function fairness(us, row) {
  certificates();
  const { child, port } = await serve(us, '--tls-client-ca-file', at('tls-ca.crt'));
  await bystander(port, us.call);
  const quiet = await bystander(port, us.call);
  const flood = spawn(process.execPath, [fileURLToPath(import.meta.url), `${port}`, us.call], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, BENCH_WORK: work } });
  await calm();
  const flooded = await bystander(port, us.call);
  flood.kill('SIGKILL');
  row('a caller’s p99 while another floods', 'ms', [flooded], `≤ 2 × quiet = ${(2 * quiet).toFixed(2)}`);
  await end(child);
}

/** As a process of its own: one caller asks as fast as it can, on many connections. */
async function floods(port, name) {
  const agent = new https.Agent({ ...client('alice'), keepAlive: true, maxSockets: FLOOD_CONNECTIONS });
  await Promise.all(Array.from({ length: FLOOD_CONNECTIONS }, async () => {
    for (;;) await ask(port, { ...call(name), agent }).catch(() => calm(100));
  }));
}
if (process.argv[1] === fileURLToPath(import.meta.url)) await floods(Number(process.argv[2]), process.argv[3]);

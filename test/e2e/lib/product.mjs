// The program under test: started, listened to, stopped. Nothing of the surrounding environment reaches it.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { root } from './cluster.mjs';
import { start } from './proc.mjs';
import { until } from './wait.mjs';

export const binary = path.resolve(root, process.env.K0RDENT_MCP_BIN || 'build/k0rdent-mcp');
/** How a program goes that a bug ended; a sanitizer's word is exit code 1, as of one that could not start. */
const CRASHES = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE'];
/** Some stories run with it. The leak detector of the sanitizers starts a process at the end, which it forbids. */
export const SANDBOX = /asan/.test(binary) ? [] : ['--sandbox'];
const workDir = process.env.E2E_DIR || '/tmp';

/** A time zone that no machine has by default: a local timestamp would show. */
function environment(extra) {
  const home = path.join(workDir, 'home');
  fs.mkdirSync(home, { recursive: true });
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PATH|[A-Z]*SAN_OPTIONS)$/.test(name)));
  return { ...kept, HOME: home, TZ: 'Asia/Tokyo', ...extra };
}

/** Runs the program to its end: {code, signal, stdout, stderr}. Killed after ms. */
export async function invoke(args, { env = {}, ms = 20_000 } = {}) {
  const child = start(binary, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (part) => (said[name] += part));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const end = await child.exited;
  await closed;
  clearTimeout(timer);
  return { ...end, ...said };
}

export class Product {
  /** Its log, one decoded object a line; lines that are no JSON are {raw}. */
  log = [];

  /**
   * Starts `serve` on a free port and waits until it listens, and unless ready is false until /readyz says yes.
   * t: the test it belongs to; it is stopped (and must stop well) when that ends.
   * options: kubeconfig (file), or cluster (an administrator's identity is taken; `user` says which); url (instead of the
   * cluster's own); args, env; ready; host and port to listen on; wrap: the command to start it by, instead of the binary.
   */
  static async start(t, { cluster, kubeconfig, url, args = [], env = {}, ready = true, host = '127.0.0.1', port = 0, wrap = [binary] }) {
    const product = new Product();
    product.user = kubeconfig ? undefined : cluster.claimUser();
    const file = kubeconfig ?? cluster.kubeconfig(product.user, { url });
    product.child = start(wrap[0],
      [...wrap.slice(1), 'serve', '--listen', `${host}:${port}`, '--kubeconfig', file, '--log-format', 'json', '--log-level', 'debug', '--catalog-url', path.join(root, 'test/fixtures/catalog'), ...args],
      { env: environment(env), stdio: ['ignore', 'ignore', 'pipe'] });
    product.exited = product.child.exited;
    product.#collect();
    t?.after?.(async () => {
      const failure = await product.stop().catch((error) => error);
      if (failure || t.passed === false) t.diagnostic(`log of ${product.name}: ${product.logFile}\n${product.tail()}`);
      if (failure) throw failure;
    });
    product.port = await product.#listening(host);
    product.base = `http://127.0.0.1:${product.port}`;
    product.url = new URL(`${product.base}/mcp`);
    if (ready) await product.ready();
    return product;
  }

  #collect() {
    this.name = `product-${this.child.pid}-${randomBytes(2).toString('hex')}`;
    this.logFile = path.join(workDir, `${this.name}.log`);
    const file = fs.createWriteStream(this.logFile);
    let rest = '';
    this.child.stderr.setEncoding('utf8').on('data', (part) => {
      file.write(part);
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        let entry = { raw: line };
        try { entry = JSON.parse(line); } catch { /* kept raw */ }
        this.log.push(entry);
      }
    });
    this.child.stderr.on('end', () => {
      if (rest) this.log.push({ raw: rest });
      file.end();
    });
  }

  tail(lines = 40) {
    return this.log.slice(-lines).map((entry) => entry.raw ?? JSON.stringify(entry)).join('\n');
  }

  /** The port that its log names. */
  async #listening(host) {
    const pattern = new RegExp(`${host.replaceAll('.', '\\.')}:([1-9]\\d*)`);
    let dead;
    this.exited.then((end) => (dead = end));
    return until(() => `the log to say where it listens\n${this.tail()}`, () => {
      if (dead) throw Object.assign(new Error(`it ended: ${JSON.stringify(dead)}\n${this.tail()}`), { fatal: true });
      for (const entry of this.log) {
        if (!/listen/i.test(entry.msg ?? '')) continue;
        const found = pattern.exec(JSON.stringify(entry));
        if (found) return Number(found[1]);
      }
      return undefined;
    });
  }

  ready() {
    return until(() => `/readyz to say yes\n${this.tail()}`, async () => (await this.get('/readyz')).status === 200);
  }

  /** A plain request; the answer is {status, headers, text, json}. */
  async ask(method, path, { headers = {}, body, agent } = {}) {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request(
        { method, path, host: '127.0.0.1', port: this.port, agent: agent ?? false, headers, timeout: 20_000 }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part) => (text += part)).on('error', reject);
          response.on('end', () => {
            let json;
            try { json = JSON.parse(text); } catch { /* not all answers are JSON */ }
            resolve({ status: response.statusCode, headers: response.headers, text, json });
          });
        });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in 20 s`)));
      request.on('error', reject);
      request.end(payload);
    });
  }

  get(path, options) { return this.ask('GET', path, options); }

  /** One JSON-RPC message by hand; answers in JSON. */
  post(message, headers = {}) {
    return this.ask('POST', '/mcp', {
      body: message,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    });
  }

  /** initialize and notifications/initialized by hand; the headers of the session's later requests. */
  async handshake(headers = {}, version = '2025-11-25') {
    const answer = await this.post({
      jsonrpc: '2.0', id: 0, method: 'initialize',
      params: { protocolVersion: version, capabilities: {}, clientInfo: { name: 'by hand', version: '1' } },
    }, headers);
    if (answer.status !== 200) throw new Error(`initialize: ${answer.status} ${answer.text}`);
    const session = { ...headers, 'mcp-session-id': answer.headers['mcp-session-id'], 'mcp-protocol-version': version };
    await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    return session;
  }

  /** A bare connection to it. */
  async connect() {
    const socket = net.connect(this.port, '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  signal(name) { this.child.kill(name); }

  /** Its end, within ms: {code, signal}. */
  async ended(ms = 20_000) {
    let timer;
    const late = new Promise((_, reject) =>
      (timer = setTimeout(() => reject(new Error(`${this.name} still runs after ${ms} ms\n${this.tail()}`)), ms)));
    return Promise.race([this.exited, late]).finally(() => clearTimeout(timer));
  }

  /** SIGTERM, if it still runs; it must end by itself, and never by a crash. */
  async stop() {
    try {
      if (this.child.exitCode === null && this.child.signalCode === null) this.signal('SIGTERM');
      const { code, signal } = await this.ended(15_000);
      // 3: out of memory.
      if (CRASHES.includes(signal) || code === 1 || code === 3) throw new Error(`${this.name} crashed: ${signal ?? code}\n${this.tail()}`);
      // The watchdog's word is an error: nothing that a test asks may hold the loop.
      const held = this.log.find((entry) => entry.msg === 'callback holds the loop');
      if (held) throw new Error(`${this.name}: ${JSON.stringify(held)}`);
    } catch (error) {
      this.signal('SIGKILL');
      await this.exited;
      throw error;
    }
  }
}

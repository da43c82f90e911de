// What the rows share: processes, their memory, MCP over plain HTTP, wrk.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { freePort } from '../e2e/lib/proc.mjs';

export const work = process.env.BENCH_WORK;
const children = new Set();

export { freePort };

export function run(program, args, options = {}) {
  const log = fs.openSync(path.join(work, `${path.basename(program)}.log`), 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log], ...options });
  fs.closeSync(log);
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

export async function end(child) {
  if (!child || child.exitCode !== null || child.signalCode) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 12_000);
  await gone;
  clearTimeout(timer);
}
export const endAll = () => Promise.all([...children].map(end));

export async function until(what, probe, ms = 20_000) {
  for (const stop = Date.now() + ms; ;) {
    const value = await probe().catch(() => undefined);
    if (value) return value;
    if (Date.now() > stop) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resident memory in kB; its peak with VmHWM. */
export function rss(child, which = 'VmRSS') {
  return Number(new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]);
}
export const calm = (ms = 1500) => new Promise((resolve) => setTimeout(resolve, ms));

/** One request; {status, headers, text}. */
export function ask(port, { method = 'GET', target = '/mcp', headers = {}, body, agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text })).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

export const mcpHeaders = (session, token) => ({
  'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...(session ? { 'Mcp-Session-Id': session } : {}),
  ...(token ? { Authorization: `Bearer ${token}` } : {}),
});
/** The simulated API server's address and its user's token. */
export function cluster() {
  const text = fs.readFileSync(path.join(work, 'kubeconfig'), 'utf8');
  return { server: new URL(/server: "?([^\s"]+)/.exec(text)[1]), token: /token: "?([^\s"]+)/.exec(text)[1] };
}
export const message = (method, params, id = 1) => JSON.stringify({ jsonrpc: '2.0', ...(id === null ? {} : { id }), method, ...(params ? { params } : {}) });
export const initialize = message('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } });

/** A request of revision 2026-07-28, which needs no session: {headers, body}. */
export function modern(method, params, id = 1) {
  const revision = '2026-07-28';
  const meta = { 'io.modelcontextprotocol/protocolVersion': revision, 'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
  return {
    headers: { ...mcpHeaders(), 'MCP-Protocol-Version': revision, 'Mcp-Method': method, ...(params.name ? { 'Mcp-Name': params.name } : {}) },
    body: message(method, { ...params, _meta: meta }, id),
  };
}

/** A session's id. */
export async function session(port, agent, token) {
  const answer = await ask(port, { method: 'POST', headers: mcpHeaders(undefined, token), body: initialize, agent });
  const id = answer.headers['mcp-session-id'];
  if (!id) throw new Error(`initialize: ${answer.status} ${answer.text}`);
  await ask(port, { method: 'POST', headers: mcpHeaders(id, token), body: message('notifications/initialized', undefined, null), agent });
  return id;
}

/** An open GET stream; onEvent gets each decoded message. */
export function stream(port, id, onEvent = () => {}) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/mcp', agent: false, headers: { Accept: 'text/event-stream', 'Mcp-Session-Id': id } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`GET: ${answer.statusCode}`));
      let rest = '';
      answer.setEncoding('utf8').on('data', (part) => {
        const lines = (rest + part).split('\n');
        rest = lines.pop();
        for (const line of lines) if (line.startsWith('data: ')) onEvent(JSON.parse(line.slice(6)));
      }).on('error', () => {});
      resolve(request);
    });
    request.on('error', reject);
    request.end();
  });
}

/**
 * wrk with 16 connections on one thread: {perSecond, p99} (ms). `body` holds "ID" where the request's id goes: servers refuse two requests of one
 * session under way with the same one, so a thousand requests are made beforehand and sent in turn.
 */
export function wrk(url, { body, headers = {}, seconds = 4 } = {}) {
  const script = path.join(work, 'request.lua');
  const lines = [];
  for (const [name, value] of Object.entries(headers)) lines.push(`wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`);
  if (body !== undefined) {
    lines.push('wrk.method = "POST"');
    lines.push('local made, turn = {}, 0', 'function init(args)', `  for i = 1, 1000 do made[i] = wrk.format(nil, nil, nil, (string.gsub(${JSON.stringify(body)}, "ID", i))) end`, 'end',
      'function request()', '  turn = turn % 1000 + 1', '  return made[turn]', 'end');
  }
  fs.writeFileSync(script, `${lines.join('\n')}\n`);
  const text = execFileSync('wrk', ['-t1', '-c16', `-d${seconds}s`, '--latency', '-s', script, url], { encoding: 'utf8' });
  const at = (percent) => {
    const [, number, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text);
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (bad) throw new Error(`wrk ${url}: ${bad[1]} answers were not 2xx`);
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), p50: at(50), p99: at(99) };
}

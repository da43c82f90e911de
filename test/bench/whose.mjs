// Whose a slow answer is: ours, the API server's, the machine's (a program that could run and had no processor), or TCP's (delayed
// acknowledgements, 40 ms each).
import fs from 'node:fs';
import { ask } from './lib.mjs';

/** Seconds that a process ran, and that it could have run and waited for a processor. */
function processor(child) {
  const [ran, waited] = fs.readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ').map((ns) => Number(ns) / 1e9);
  return { ran, waited };
}

/** The whole machine's count of acknowledgements that were sent late. */
function delayedAcks() {
  const [names, values] = fs.readFileSync('/proc/net/netstat', 'utf8').split('\n').filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '));
  return Number(values[names.indexOf('DelayedACKs')]);
}

/** A histogram of /metrics with these labels: its counts below each bound. */
async function histogram(port, name, labels) {
  const { text } = await ask(port, { target: '/metrics' });
  const counts = new Map();
  for (const line of text.split('\n')) {
    const bound = /le="([^"]+)"/.exec(line);
    if (bound && line.startsWith(`${name}_bucket{`) && line.includes(labels)) counts.set(bound[1], Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return counts;
}

/** "≤ 5 ms": the bound below which 99 % of what came between two looks lie. */
function p99(before, after) {
  const came = (bound) => after.get(bound) - (before.get(bound) ?? 0);
  for (const bound of after.keys()) if (came(bound) >= 0.99 * came('+Inf')) return bound === '+Inf' ? 'more than all bounds' : `≤ ${Number(bound) * 1000} ms`;
  return 'unknown';
}

/** Runs `load` and says where the time went; what load() gave. */
export async function whose({ child, port, api }, load) {
  const families = [['our answer', 'k0rdent_mcp_request_duration_seconds', 'method="tools/call"'], ['the API server’s head', 'k0rdent_mcp_kube_request_duration_seconds', 'verb="list"'],
    ['a turn of our loop', 'k0rdent_mcp_loop_turn_duration_seconds', '']];
  const look = async () => ({ us: processor(child), api: processor(api), acks: delayedAcks(), times: await Promise.all(families.map(([, name, labels]) => histogram(port, name, labels))) });
  const before = await look();
  const figure = load();
  const after = await look();
  const share = (who) => `ran ${(after[who].ran - before[who].ran).toFixed(2)} s and waited ${(after[who].waited - before[who].waited).toFixed(2)} s for a processor`;
  console.log(`  p99 seen from inside: ${families.map(([what], i) => `${what} ${p99(before.times[i], after.times[i])}`).join(', ')}`);
  console.log(`  we ${share('us')}, the API server ${share('api')}; delayed acknowledgements of the whole machine: ${after.acks - before.acks}`);
  return figure;
}

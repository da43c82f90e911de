// A well-behaved client: a session, and a tools/list every 5 ms until standard input ends. Then says {p99, count}.
// usage: node bystander.mjs PORT [TOKEN]
import http from 'node:http';
import { ask, mcpHeaders, message, session } from './lib.mjs';

const port = Number(process.argv[2]), token = process.argv[3];
const agent = new http.Agent({ keepAlive: true });
let id = await session(port, agent, token);
let over = false;
process.stdin.resume().on('end', () => (over = true));
console.log('ready');
const took = [];
while (!over) {
  const began = performance.now();
  const answer = await ask(port, { method: 'POST', headers: mcpHeaders(id, token), body: message('tools/list', {}), agent });
  took.push(performance.now() - began);
  // A flood of sessions may end the one that was idle longest.
  if (answer.status === 404) id = await session(port, agent, token);
  else if (answer.status !== 200) throw new Error(`tools/list: ${answer.status} ${answer.text}`);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
took.sort((a, b) => a - b);
console.log(JSON.stringify({ p99: took[Math.floor(took.length * 0.99)], count: took.length }));
agent.destroy();

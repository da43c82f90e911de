// Child processes that never outlive the test run.
import { spawn, spawnSync } from 'node:child_process';
import net from 'node:net';

const haveSetpriv = spawnSync('setpriv', ['--pdeathsig', 'keep', 'true']).status === 0 ||
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
const living = new Set();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * spawn() for a process that is killed when we end, whatever ends us.
 * The returned child has `exited`: a promise of {code, signal}.
 */
export function start(command, args, options = {}) {
  const child = haveSetpriv
    ? spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], options)
    : spawn(command, args, options);
  living.add(child);
  child.exited = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => resolve({ code: 127, signal: null, error }));
  }).finally(() => living.delete(child));
  return child;
}

/** A command that must succeed; its stdout. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  }
  return done.stdout;
}

// Below the ports that Linux gives out by itself (ip_local_port_range: from 32768), and above those of well-known services. A port
// that the kernel may give out again stays free only until the next process listens on port 0 or connects.
const FIRST_PORT = 15_000, LAST_PORT = 29_999;

/** A port of 127.0.0.1 that is free, and stays so until a program asks for it by its number. */
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    const server = net.createServer();
    const free = await new Promise((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error(`no free port of 127.0.0.1 from ${FIRST_PORT} to ${LAST_PORT}`);
}

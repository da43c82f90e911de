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

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

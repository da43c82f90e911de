#!/usr/bin/env node
// Runs the program of this machine's package in place of node. Nothing is written to standard output: with `stdio` it is the protocol.
'use strict';
const fs = require('fs');

const platform = `${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`k0rdent-mcp-${platform}/k0rdent-mcp`);
  fs.accessSync(program, fs.constants.X_OK);
} catch (error) {
  const offered = Object.keys(require('./package.json').optionalDependencies).map((name) => name.replace('k0rdent-mcp-', '')).join(', ');
  process.stderr.write(`k0rdent-mcp: there is no program for ${platform} here. Packages are built for ${offered}; ` +
    `npm leaves them out with --omit=optional. (${error.message.split('\n')[0]})\n`);
  process.exit(127);
}

const args = process.argv.slice(2);
// Since node 22.15: the process becomes the program, and node's memory is given back.
if (process.execve) process.execve(program, [program, ...args], process.env);

const child = require('child_process').spawn(program, args, { stdio: 'inherit' });
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
// A terminal's Ctrl-C reaches the program, too; a second one would end it without its drain.
const ofTerminal = require('tty').isatty(2) ? ['SIGINT', 'SIGQUIT'] : [];
for (const signal of SIGNALS) process.on(signal, () => ofTerminal.includes(signal) || child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`k0rdent-mcp: ${error.message}\n`);
  process.exit(126);
});
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code);
  // Our end is the program's: by the same signal.
  for (const each of SIGNALS) process.removeAllListeners(each);
  process.kill(process.pid, signal);
});

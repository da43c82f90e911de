// call, tools, read, watch, doctor, stop and the configuration file as a person uses them: in process against a simulated cluster, and
// against a server that runs, which serves sessions of the older era at the same time.
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Product, binary, invoke } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { freePort, run, start } from './lib/proc.mjs';
import { startSim } from './lib/sim.mjs';
import { until } from './lib/wait.mjs';

const sim = await startSim(['--events-every', '300ms']);
const product = await Product.start(undefined, { kubeconfig: sim.kubeconfig, args: ['--allow-writes'] });
after(async () => {
  await product.stop();
  await sim.stop();
});
const here = ['--kubeconfig', sim.kubeconfig];
const there = ['--server', product.base];
const oneLine = (text) => text.trim().split('\n').length === 1;

for (const [where, flags] of [['in process', here], ['against a server', there]]) {
  test(`a call prints the tool's table, ${where}`, async () => {
    const { code, stdout, stderr } = await invoke(['call', 'k0rdent.mgmt.namespaces.list', ...flags]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^NAME +STATUS +AGE\ndefault +Active/);
    assert.equal(stderr, '');
  });

  test(`a tool is found by the end of its name, and each output has its form, ${where}`, async () => {
    const json = await invoke(['call', 'clusterDeployments.list', '-o', 'json', ...flags]);
    const { clusters } = JSON.parse(json.stdout);
    assert.ok(clusters.length > 2);
    const names = await invoke(['call', 'clusterDeployments.list', '-o', 'name', ...flags]);
    assert.deepEqual(names.stdout.trim().split('\n'), clusters.map(({ namespace, name }) => `${namespace}/${name}`));
    const yaml = await invoke(['call', 'clusterDeployments.list', '-o', 'yaml', ...flags]);
    assert.match(yaml.stdout, /^clusters:\n- name: /);
    const wide = await invoke(['call', 'objects.list', 'kind=pods', 'namespace=team-a', '-o', 'wide', ...flags]);
    assert.match(wide.stdout, /^NAMESPACE +NAME +STATUS +AGE +UID$/m);
  });

  test(`--all goes on after each cut and gives what one answer gives, ${where}`, async () => {
    const whole = await invoke(['call', 'namespaces.list', ...flags]);
    const cut = await invoke(['call', 'namespaces.list', 'limit=1', ...flags]);
    assert.match(cut.stdout, /2 more; --all shows them/);
    const all = await invoke(['call', 'namespaces.list', 'limit=1', '--all', ...flags]);
    const without = (text) => text.replace(/ \d+[smh]+$/gm, '');
    assert.equal(without(all.stdout), without(whole.stdout));
    const rows = JSON.parse((await invoke(['call', 'namespaces.list', 'limit=1', '--all', '-o', 'json', ...flags])).stdout);
    assert.deepEqual(rows.namespaces.map(({ name }) => name), ['default', 'kcm-system', 'team-a']);
    assert.equal(rows.continue, undefined);
  });

  // Bug: of an answer with several lists only the first had the rows of all pages, and a text that is no table lost lines and its indentation.
  test(`--all of a graph has each node and edge once, in each form, ${where}`, async () => {
    const call = (...more) => invoke(['call', 'graph.snapshot', ...more, ...flags]);
    const whole = JSON.parse((await call('-o', 'json', 'maxBytes=1048576')).stdout);
    const all = JSON.parse((await call('-o', 'json', 'maxBytes=4096', '--all')).stdout);
    const ids = ({ nodes }) => nodes.map(({ id }) => id).sort(), edges = (graph) => graph.edges.map(({ from, to, type }) => `${from} ${type} ${to}`).sort();
    assert.deepEqual([ids(all), edges(all)], [ids(whole), edges(whole)]);
    assert.deepEqual(['truncated', 'leftOut', 'continue'].filter((key) => key in all), []);
    const lines = (text) => text.split('\n').filter((line) => line !== '');
    const text = lines((await call('maxBytes=4096', '--all')).stdout);
    assert.equal(text.filter((line) => /^\S/.test(line)).length, whole.nodes.length);
    assert.ok(text.some((line) => line.startsWith('  uses-')), 'what is indented stays so');
    const chart = await call('format=mermaid', 'maxBytes=4096', '--all');
    assert.deepEqual([chart.code, oneLine(chart.stderr)], [2, true]);
    const names = (await call('-o', 'name', 'maxBytes=1048576')).stdout.trim().split('\n');
    assert.deepEqual(names.sort(), ids(whole), 'several nodes may have one name');
  });

  test(`--all joins rows also as JSON or YAML by the tool, ${where}`, async () => {
    const whole = JSON.parse((await invoke(['call', 'objects.list', 'kind=namespaces', '-o', 'json', ...flags])).stdout);
    const json = await invoke(['call', 'objects.list', 'kind=namespaces', 'format=json', 'limit=1', '--all', ...flags]);
    assert.deepEqual(JSON.parse(json.stdout).objects, whole.objects);
    const yaml = await invoke(['call', 'objects.list', 'kind=namespaces', 'format=yaml', 'limit=1', '--all', ...flags]);
    assert.equal(yaml.stdout.match(/^- /gm).length, whole.objects.length);
    assert.doesNotMatch(yaml.stdout, /continue:|truncated:/);
  });

  test(`names that a cut leaves out are counted on the error output, ${where}`, async () => {
    const cut = await invoke(['call', 'namespaces.list', 'limit=1', '-o', 'name', ...flags]);
    assert.deepEqual([cut.code, cut.stdout, cut.stderr], [0, 'default\n', 'k0rdent-mcp: 2 more; --all shows them\n']);
    const all = await invoke(['call', 'namespaces.list', 'limit=1', '--all', '-o', 'name', ...flags]);
    assert.deepEqual([all.stdout.trim().split('\n').length, all.stderr], [3, '']);
    const one = await invoke(['call', 'objects.get', 'kind=cd', 'namespace=kcm-system', 'name=aws-prod', '-oname', ...flags]);
    assert.equal(one.stdout, 'kcm-system/aws-prod\n');
  });

  test(`wrong usage is one line with the nearest right word and exit code 2, ${where}`, async () => {
    for (const [args, ...words] of [
      [['call', 'namespace.list'], 'unknown tool', 'namespaces.list'],
      [['call', 'namespaces.list', 'lmit=1'], 'lmit', 'did you mean limit?'],
      [['call', 'namespaces.list', 'limit=many'], 'limit must be a whole number'],
      [['call', 'clusterDeployments.get'], 'name is missing'],
      [['tools', 'nothing.like.this'], 'k0rdent-mcp tools lists them'],
    ]) {
      const { code, stdout, stderr } = await invoke([...args, ...flags]);
      assert.equal(code, 2, stderr);
      assert.ok(oneLine(stderr) && stdout === '', stderr);
      for (const word of words) assert.ok(stderr.includes(word), stderr);
    }
  });

  test(`what a tool or resource cannot do is exit code 1, ${where}`, async () => {
    const tool = await invoke(['call', 'clusterDeployments.get', 'name=nowhere', ...flags]);
    assert.equal(tool.code, 1);
    assert.match(tool.stderr, /^k0rdent-mcp: .*nowhere.*\n$/);
    const uri = await invoke(['read', 'k0rdent://nope', ...flags]);
    assert.equal(uri.code, 1);
    const watched = await invoke(['watch', 'k0rdent://nope', ...flags]);
    assert.equal(watched.code, 1, watched.stderr);
  });

  test(`tools lists every tool, and one with its arguments, ${where}`, async () => {
    const names = (await invoke(['tools', '-o', 'name', ...flags])).stdout.trim().split('\n');
    assert.ok(names.includes('k0rdent.mgmt.events.list'));
    const some = await invoke(['tools', 'events', '-o', 'name', ...flags]);
    assert.deepEqual([some.code, some.stdout], [0, names.filter((name) => name.includes('events')).map((name) => `${name}\n`).join('')], 'those with a word in their name');
    const one = await invoke(['tools', 'events.list', ...flags]);
    assert.match(one.stdout, /^usage: k0rdent-mcp call k0rdent\.mgmt\.events\.list/);
    assert.match(one.stdout, /types=Normal\|Warning,\.\.\.|types=TEXT,\.\.\./);
  });

  test(`read prints a resource as JSON, ${where}`, async () => {
    const { code, stdout } = await invoke(['read', 'k0rdent://events/kcm-system', ...flags]);
    assert.equal(code, 0);
    assert.ok(JSON.parse(stdout).events.length > 0);
    assert.equal((await invoke(['read', 'events/kcm-system', ...flags])).code, 0, 'its scheme may be left out');
  });

  test(`a log is printed as its lines, ${where}`, async () => {
    const args = ['call', 'podLogs.get', 'namespace=team-a', 'pod=podinfo-7d9c5f-abcde', 'tailLines=2', ...flags];
    assert.match((await invoke(args)).stdout, /^(GET \/healthz 200 request=\d+\n){2}$/);
    assert.match(JSON.parse((await invoke([...args, '-o', 'json'])).stdout).logs, /^GET /);
  });
}

test('a tool that writes is no other one\'s misspelling where writes are off', async () => {
  const { code, stderr } = await invoke(['call', 'clusterDeployments.delete', 'name=x', ...here]);
  assert.deepEqual([code, stderr], [2, 'k0rdent-mcp: unknown tool "clusterDeployments.delete"; this server offers no tool that writes: that takes --allow-writes, without --read-only\n']);
  const wrong = await invoke(['call', 'clusterDeployments.delet', 'name=x', ...there]);
  assert.match(wrong.stderr, /did you mean clusterDeployments\.delete\?/);
});

test('flags before the command are told so', async () => {
  const { code, stderr } = await invoke(['--log-level', 'info', 'serve']);
  assert.deepEqual([code, stderr], [2, 'k0rdent-mcp: unexpected argument "serve"; a command comes before its flags\n']);
});

test('what is not MCP at an address is told with its status and words', async () => {
  const { code, stderr } = await invoke(['tools', '--server', `${product.base}/nope`]);
  assert.deepEqual([code, stderr], [3, `k0rdent-mcp: ${product.base}/nope: the server answers 404 Not Found: not found; the MCP endpoint is /mcp\n`]);
});

test('arguments come from a file, and a word overrides them', async () => {
  const file = path.join(sim.dir, 'arguments.json');
  fs.writeFileSync(file, JSON.stringify({ limit: 1, sortBy: '-NAME' }));
  const { stdout } = await invoke(['call', 'namespaces.list', '--json', file, 'limit=2', '-o', 'name', ...there]);
  assert.deepEqual(stdout.trim().split('\n'), ['team-a', 'kcm-system']);
});

test('arguments come from standard input, whatever that is', async () => {
  const words = ['call', 'namespaces.list', '--json', '-', '-o', 'name', ...there];
  const socket = spawnSync(binary, words, { input: '{"limit":1}', encoding: 'utf8' }); // node gives its children sockets
  assert.deepEqual([socket.status, socket.stdout], [0, 'default\n'], socket.stderr);
  const pipe = spawnSync('sh', ['-c', 'echo \'{"limit":2}\' | exec "$0" "$@"', binary, ...words], { encoding: 'utf8' });
  assert.deepEqual([pipe.status, pipe.stdout], [0, 'default\nkcm-system\n'], pipe.stderr);
  const none = spawnSync('sh', ['-c', 'exec "$0" "$@" <&-', binary, ...words], { encoding: 'utf8' });
  assert.equal(none.status, 0, none.stderr);
});

/** Commands of which each prints something and ends. */
const PRINTING = [['call', 'namespaces.list', ...there], ['call', 'graph.snapshot', '-o', 'json', ...there], ['call', 'namespaces.list', '--all', 'limit=1', '-o', 'name', ...there], ['tools', ...there],
  ['tools', 'events.list', ...there], ['read', 'k0rdent://graph', ...there], ['doctor', ...here], ['check', ...here], ['print-config'], ['rbac', 'view'], ['completion', 'zsh'], ['version'],
  ['help'], ['call', '--help'], ['serve', '--help'], ['doctor', '--help'], ['stop', '--help'], ['policy', '--help'], ['__complete', 'bash', 'k0rdent-mcp ']];
const inShell = (script, args) => spawnSync('bash', ['-c', script, binary, ...args], { encoding: 'utf8', timeout: 20_000 });

test('a reader of a pipe that has enough is no failure of any command', () => {
  for (const args of [...PRINTING, ['watch', 'k0rdent://events/kcm-system', ...there]]) {
    for (const reader of ['true', 'head -c1 >/dev/null']) {
      const { stdout, stderr } = inShell(`"$0" "$@" | ${reader}; echo "\${PIPESTATUS[0]}"`, args);
      assert.deepEqual([stdout, stderr], ['0\n', ''], `${args.join(' ')} | ${reader}`);
    }
  }
});

test('what cannot be written is a failure of each command, and told', () => {
  for (const args of [...PRINTING, ['watch', 'k0rdent://events/kcm-system', ...there]]) {
    const full = inShell('"$0" "$@" >/dev/full', args);
    assert.deepEqual([full.status, full.stderr], [1, 'k0rdent-mcp: write to standard output: No space left on device\n'], args.join(' '));
    const closed = inShell('"$0" "$@" >&-', args);
    assert.deepEqual([closed.status, closed.stderr], [1, 'k0rdent-mcp: write to standard output: Bad file descriptor\n'], args.join(' '));
  }
});

test('a server that is started without standard descriptors lets no connection have theirs', async (t) => {
  const port = await freePort();
  const child = start('sh', ['-c', 'exec "$0" "$@" <&- >&- 2>&-', binary, 'serve', ...here, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  await until('it to listen', () => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false));
  for (const fd of [0, 1, 2]) assert.equal(fs.readlinkSync(`/proc/${child.pid}/fd/${fd}`), '/dev/null');
  child.kill('SIGTERM');
  assert.equal((await child.exited).code, 0);
});

test('help COMMAND is COMMAND --help', async () => {
  const commands = [...(await invoke(['help'])).stdout.matchAll(/^ {2}k0rdent-mcp ([a-z-]+)/gm)].map((found) => found[1]);
  assert.ok(commands.length > 10);
  for (const command of commands) {
    const [by, of] = await Promise.all([invoke(['help', command]), invoke([command, '--help'])]);
    assert.deepEqual([by.code, by.stderr, by.stdout], [0, '', of.stdout], command);
    assert.match(by.stdout, /[Uu]sage/, command);
  }
  const unknown = await invoke(['help', 'wacth']);
  assert.deepEqual([unknown.code, unknown.stderr], [2, 'k0rdent-mcp: unknown command "wacth"; did you mean watch?\n']);
});

test('a server that is not there is exit code 3, and says so in one line', async () => {
  const port = await freePort();
  for (const command of [['call', 'namespaces.list'], ['tools'], ['read', 'k0rdent://watches'], ['watch', 'k0rdent://graph']]) {
    const { code, stderr } = await invoke([...command, '--server', `http://127.0.0.1:${port}`]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^k0rdent-mcp: http:\/\/127\.0\.0\.1:\d+: .*refused.*\n$/);
  }
  const other = await invoke(['call', 'namespaces.list', '--server', 'http://mcp.example', ], { env: { K0RDENT_MCP_TOKEN: 'secret' } });
  assert.equal(other.code, 2);
  assert.match(other.stderr, /unencrypted/);
});

test('a token is sent, and one that is refused is explained', async (t) => {
  const closed = await Product.start(t, { kubeconfig: sim.kubeconfig, args: ['--auth-mode', 'OIDC_REQUIRED'] });
  const without = await invoke(['tools', '--server', closed.base]);
  assert.equal(without.code, 3);
  assert.match(without.stderr, /401.*--token-file/);
  const token = /token: (\S+)/.exec(fs.readFileSync(sim.kubeconfig, 'utf8'))[1];
  const file = path.join(sim.dir, 'token');
  fs.writeFileSync(file, token, { mode: 0o600 });
  for (const [args, env] of [[['--token-file', file], {}], [[], { K0RDENT_MCP_TOKEN: token }]]) {
    const { code, stderr } = await invoke(['call', 'namespaces.list', '--server', closed.base, ...args], { env });
    assert.equal(code, 0, stderr);
  }
});

test('a Unix socket is a server, too', async (t) => {
  const socket = path.join(sim.dir, 'mcp.sock');
  await Product.start(t, { kubeconfig: sim.kubeconfig, args: ['--listen', `unix:${socket}`] });
  const { code, stdout, stderr } = await invoke(['call', 'namespaces.list', '-o', 'name', '--server', `unix:${socket}`]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /kcm-system/);
});

test('a session of the older era and the command line share a server', async () => {
  const session = await Session.open(product);
  const { code } = await invoke(['call', 'namespaces.list', ...there]);
  assert.equal(code, 0);
  assert.ok((await session.client.listTools()).tools.length > 10);
  await session.terminate();
});

/** A command at a terminal: script(1) makes one. What it showed; `input` is typed at once. */
function atTerminal(args, input = '', { env = {}, before = '' } = {}) {
  const line = before + [binary, ...args].map((word) => `'${word}'`).join(' ');
  const done = spawnSync('script', ['-qefc', line, '/dev/null'], { input, encoding: 'utf8', timeout: 20_000, env: { PATH: process.env.PATH, TERM: 'xterm', ...env } });
  return { code: done.status, shown: done.stdout };
}

test('without a terminal a write shows its token, and at one it is asked', async () => {
  const args = ['call', 'objects.label', 'kind=clusterdeployment', 'namespace=kcm-system', 'name=aws-prod', 'labels:={"tried":"yes"}'];
  const destroy = ['call', 'clusterDeployments.delete', 'namespace=kcm-system', 'name=aws-prod', ...there];
  const told = await invoke(destroy);
  assert.equal(told.code, 1, 'nothing was written');
  assert.match(told.stdout, /confirmation needed/);
  assert.match(told.stdout, /"confirm"/);
  const no = atTerminal(destroy, 'n\n');
  assert.match(no.shown, /\[y\/N\]/);
  assert.equal(no.code, 1);
  const alone = await invoke([...destroy.slice(0, -there.length), ...here, '--allow-writes']);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /good only in the process/);
  assert.match(alone.stdout, /confirmation needed/);
  assert.doesNotMatch(alone.stdout, /"confirm"/, 'no later call can use it');
  const late = await invoke(['call', 'objects.wait_for', 'kind=clusterdeployment', 'namespace=kcm-system', 'name=aws-prod', 'for=condition=Nonesuch', 'timeout=1s', ...there]);
  assert.equal(late.code, 1);
  assert.match(late.stdout, /not met/);
  const never = await invoke(['call', 'mgmt.clusterDeployments.deploy', 'namespace=kcm-system', 'name=late', 'template=aws-standalone-cp-1-0-43', 'credential=aws-cred',
    'config:={"region":"us-east-2","controlPlane":{"instanceType":"t3.small"},"worker":{"instanceType":"t3.small"}}', 'wait=true', 'waitTimeout=1s', ...here, '--allow-writes', '--confirm', 'never']);
  assert.equal(never.code, 1, `it was made, and is not ready: ${never.stderr}`);
  assert.match(never.stdout, /the time limit of 1s passed/);
  const still = await invoke(['call', 'clusterDeployments.get', 'namespace=kcm-system', 'name=aws-prod', ...there]);
  assert.doesNotMatch(still.stdout, /deleting/i);
  const made = await invoke([...args, ...there]);
  assert.equal(made.code, 1, 'to be confirmed');
  const yes = atTerminal(['call', 'clusterDeployments.delete', 'namespace=kcm-system', 'name=aws-dev', ...there], 'y\n');
  assert.equal(yes.code, 0, yes.shown);
  const gone = await invoke(['call', 'clusterDeployments.get', 'namespace=kcm-system', 'name=aws-dev', ...there]);
  assert.ok(gone.code === 1 || /deleting/i.test(gone.stdout), gone.stdout);
});

/** A watch that runs: its lines so far. */
function watching(t, args) {
  const child = start(binary, ['watch', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const seen = { lines: [], errors: '', child };
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop();
    seen.lines.push(...lines);
  });
  child.stderr.setEncoding('utf8').on('data', (part) => (seen.errors += part));
  t.after(() => child.kill('SIGKILL'));
  return seen;
}

test('watch prints JSON lines in a pipe and columns where they are asked for', async (t) => {
  const json = watching(t, ['k0rdent://events/kcm-system', ...here]);
  const table = watching(t, ['k0rdent://events/kcm-system', '-o', 'table', ...there]);
  await until('events in both', () => json.lines.length > 5 && table.lines.length > 5);
  for (const line of json.lines) assert.equal(JSON.parse(line).uri, 'k0rdent://events/kcm-system');
  assert.match(table.lines[3], /^\d\d:\d\d:\d\d +(Normal|Warning) +\w+\/\S+ +\w+ +\S/);
});

test('watch has colours at a terminal of any width, unless NO_COLOR or TERM forbids them', () => {
  const args = ['watch', 'k0rdent://cluster-monitor/kcm-system/aws-prod', ...there];
  const shown = (options) => atTerminal(args, '', options).shown.replace(/\d\d:\d\d:\d\d/, 'TIME');
  const colours = (options) => /\x1b\[\d+m/.test(shown(options));
  assert.ok(colours({}));
  assert.ok(colours({ env: { NO_COLOR: '' } }), 'an empty one forbids nothing');
  assert.ok(!colours({ env: { NO_COLOR: '1' } }));
  assert.ok(!colours({ env: { TERM: 'dumb' } }));
  for (const columns of [0, 1, 40, 1000]) assert.equal(shown({ before: `stty cols ${columns}; exec ` }), shown({}), `${columns} columns`);
});

test('a watch of a cluster that is ready ends by itself', async () => {
  const { code, stdout } = await invoke(['watch', 'k0rdent://cluster-monitor/kcm-system/aws-prod', ...here]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout.trim().split('\n').at(-1)).delta.terminal, true);
});

test('watch goes on over a restart of its server, and prints nothing twice', async (t) => {
  const port = await freePort();
  const args = ['serve', '--kubeconfig', sim.kubeconfig, '--listen', `127.0.0.1:${port}`];
  const first = start(binary, args, { stdio: 'ignore' });
  t.after(() => first.kill('SIGKILL'));
  const up = () => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false);
  await until('the first server', up);
  const seen = watching(t, ['k0rdent://events/kcm-system', '--server', `http://127.0.0.1:${port}`]);
  await until('events of the first', () => seen.lines.length > 3);
  first.kill('SIGTERM');
  await first.exited;
  await until('the loss to be told', () => /trying again in/.test(seen.errors));
  const before = seen.lines.length;
  const second = start(binary, args, { stdio: 'ignore' });
  t.after(() => second.kill('SIGKILL'));
  await until('events of the second', () => seen.lines.length > before + 3);
  const names = seen.lines.map((line) => JSON.parse(line).delta).filter(({ event }) => event).map(({ action, event }) => `${action} ${event.name}`);
  assert.equal(new Set(names).size, names.length, names.join('\n'));
});

test('doctor says of each thing whether it is well, and what to do', async () => {
  const well = await invoke(['doctor', ...here]);
  assert.equal(well.code, 0, well.stdout);
  for (const what of ['configuration', 'kubeconfig', 'API server', 'clock', 'Kubernetes', 'identity', 'CRDs', 'Management', 'descriptors', 'memory', 'proxy', 'rights: view'])
    assert.match(well.stdout, new RegExp(`^(ok|warn) +${what}: `, 'm'), what);
  const port = await freePort();
  const text = fs.readFileSync(sim.kubeconfig, 'utf8');
  const file = path.join(sim.dir, 'nowhere');
  fs.writeFileSync(file, text.replace(/server: \S+/, `server: https://127.0.0.1:${port}`), { mode: 0o600 });
  const ill = await invoke(['doctor', '--kubeconfig', file]);
  assert.equal(ill.code, 1);
  assert.match(ill.stdout, /^fail +API server: .*\n +-> \S/m);
  // /version is for all: what is wrong shows at the next question, and is told once.
  const pem = (name) => fs.readFileSync(path.join(sim.dir, name)).toString('base64');
  run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=old', '-keyout', 'old.key', '-out', 'old.crt'], { cwd: sim.dir });
  fs.writeFileSync(file, text.replace(/token: \S+/, `client-certificate-data: ${pem('old.crt')}\n    client-key-data: ${pem('old.key')}`), { mode: 0o600 });
  const nobody = await invoke(['doctor', '--kubeconfig', file]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stdout, /^fail +(API server|identity): .*Unauthorized\n +-> Renew the credentials of the kubeconfig\n$/m);
  assert.doesNotMatch(nobody.stdout, /Install k0rdent|OIDC_REQUIRED|rights/);
  const where = await invoke(['doctor', ...here, '--context', 'nosuch']);
  assert.match(where.stdout, /^fail +kubeconfig: .*there is no context "nosuch"\n +-> Mend the kubeconfig, or name another context of it\n$/m);
});

test('doctor looks at the listener\'s certificate and the issuers of OAUTH', async () => {
  const inFolder = (...args) => run('openssl', args, { cwd: sim.dir });
  inFolder('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=door', '-keyout', 'door.key', '-out', 'door.csr');
  inFolder('x509', '-req', '-in', 'door.csr', '-signkey', 'door.key', '-days', '-1', '-out', 'door.crt');
  const at = (name) => path.join(sim.dir, name);
  const configured = (text) => {
    fs.writeFileSync(at('doctor.yaml'), text);
    return ['--config', at('doctor.yaml')];
  };
  const pair = (cert, key) => configured(`tls-cert-file: ${at(cert)}\ntls-key-file: ${at(key)}\n`);
  const ended = await invoke(['doctor', ...here, ...pair('door.crt', 'door.key')]);
  assert.equal(ended.code, 1);
  assert.match(ended.stdout, /^fail +server certificate: .*door.*it has ended\n +-> Renew it/m);
  const other = await invoke(['doctor', ...here, ...pair('door.crt', 'old.key')]);
  assert.match(other.stdout, /^fail +TLS: .*\n +-> Give a certificate and its key/m);
  const gone = `https://127.0.0.1:${await freePort()}`;
  const oauth = await invoke(['doctor', ...here, ...configured(`auth-mode: OAUTH\noauth-issuer: [${gone}]\npublic-url: https://mcp.example/mcp\n`)]);
  assert.equal(oauth.code, 1);
  assert.match(oauth.stdout, new RegExp(`^fail +issuer: ${gone}: .*\\n +-> Check the URL`, 'm'));
});

test('stop ends the server of a pid file and waits for it', async (t) => {
  const pid = path.join(sim.dir, 'pid');
  const config = path.join(sim.dir, 'stop.yaml');
  fs.writeFileSync(config, `listen: 127.0.0.1:0\npid-file: ${pid}\n`);
  const child = start(binary, ['serve', ...here, '--config', config], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  await until('the pid file', () => fs.existsSync(pid) && fs.readFileSync(pid, 'utf8').trim());
  const { code, stderr } = await invoke(['stop', '--config', config]);
  assert.equal(code, 0, stderr);
  assert.equal((await child.exited).code, 0);
  assert.ok(!fs.existsSync(pid));
  const again = await invoke(['stop', '--pid-file', pid]);
  assert.equal(again.code, 1);
  fs.writeFileSync(pid, `${process.pid}\n`);
  const other = await invoke(['stop', '--pid-file', pid]);
  assert.equal(other.code, 1, 'another program is not ended');
  assert.match(other.stderr, /process \d+ is node/);
});

test('a change of the configuration file is taken without a restart, and a mistake changes nothing', async (t) => {
  const config = path.join(sim.dir, 'reload.yaml');
  fs.writeFileSync(config, 'log-level: debug\nmax-calls-per-caller: 5\n');
  const server = await Product.start(t, { kubeconfig: sim.kubeconfig, args: ['--config', config, '--allow-writes'] });
  const said = (pattern) => server.log.some((entry) => pattern.test(JSON.stringify(entry)));
  fs.writeFileSync(config, 'log-level: debug\nmax-calls-per-caller: 6\nmax-body: 2048\n');
  server.signal('SIGHUP');
  await until('the change', () => said(/configuration changed","settings":"max-calls-per-caller"/) && said(/need a restart","settings":"max-body"/));
  // The brakes of an emergency.
  const write = ['call', 'k0rdent.mgmt.objects.label', 'kind=clusterdeployment', 'namespace=kcm-system', 'name=none', 'labels:={"a":"b"}', '--server', server.base];
  assert.match((await invoke(write)).stderr, /is not there/, 'writes are on, and this one is not there');
  fs.writeFileSync(config, 'read-only: on\nrate: read=1:1,logs=1:1,write=1:1,other=1\n');
  server.signal('SIGHUP');
  await until('the brake', () => said(/"allow_writes":true,"read_only":true/) && said(/configuration changed","settings":"[^"]*rate/));
  assert.match((await invoke(write)).stderr, /offers no tool that writes/);
  fs.writeFileSync(config, 'log-level: debug\n');
  server.signal('SIGHUP');
  await until('the end of it', () => said(/"allow_writes":true,"read_only":false/));
  assert.match((await invoke(write)).stderr, /is not there/);
  fs.writeFileSync(config, 'log-levl: debug\n');
  server.signal('SIGHUP');
  await until('the mistake', () => said(/reload\.yaml:1: unknown key .*did you mean log-level/));
  const check = await invoke(['check', '--config', config]);
  assert.equal(check.code, 2);
});

// Runs the official conformance suite against the everything-server (the whole catalogue, on our library alone) and against the
// product (what fits it), and writes each scenario as one test into a JUnit file.
// usage: node run.mjs RESULT_JUNIT_FILE      exit code: 0 when every check passed
//
// Stricter than the suite itself: a warning fails, too, and so does a number of checks that is not the one written down here: a
// scenario that tests nothing any more must be seen.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { EVERYTHING, PRODUCT } from './sets.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const suite = path.join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const baseline = path.join(here, 'expected-failures.yml');
const binary = (variable, fallback) => path.resolve(root, process.env[variable] || fallback);
const result = path.resolve(process.argv[2]);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-conformance-'));
const children = [];
const cases = []; // {name, classname, problem}

/** Starts a server; its URL is the first match of `pattern` in what it says. */
function serve(file, args, pattern) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (part) => {
      said += part;
      const found = pattern.exec(said);
      if (found) resolve(found[1] ?? found[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`${path.basename(file)} ended: ${signal ?? code}\n${said}`)));
  });
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [suite, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: dir });
    let said = '';
    child.stdout.on('data', (part) => (said += part));
    child.stderr.on('data', (part) => (said += part));
    child.on('close', (code) => resolve({ code, said }));
  });
}

/** Every scenario's checks below `out`. The folders are called server-SCENARIO-TIME. */
function results(out) {
  const found = new Map();
  if (!fs.existsSync(out)) return found;
  for (const entry of fs.readdirSync(out)) {
    const file = path.join(out, entry, 'checks.json');
    if (!fs.existsSync(file)) continue;
    const name = entry.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    found.set(name, JSON.parse(fs.readFileSync(file, 'utf8')));
  }
  return found;
}

/** What is wrong with a scenario's checks; '' when nothing. */
function problem(checks, { may = [] }) {
  const bad = checks.filter((c) => c.status === 'FAILURE' || c.status === 'WARNING' || (c.status === 'SKIPPED' && !may.includes(c.id)));
  return bad.map((c) => `${c.status} ${c.id}: ${c.errorMessage ?? c.description} ${JSON.stringify(c.details ?? {}).slice(0, 400)}`).join('\n');
}

/** The names of a revision's scenarios for servers, from the suite itself. */
async function listed(revision) {
  const { said } = await run(['list', '--requirements', revision]);
  const [server] = said.slice(said.indexOf('Server scenarios')).split('Client scenarios');
  return {
    required: [...server.matchAll(/^ +- (\S+)$/gm)].map(([, name]) => name),
    notScored: [...said.matchAll(/^ +- (\S+) \[server\]$/gm)].map(([, name]) => name),
  };
}

async function requirements(url, set) {
  const out = path.join(dir, set.revision);
  const { code, said } = await run(['server', '--url', url, '--requirements', set.revision, '--expected-failures', baseline, '-o', out]);
  const found = results(out);
  const group = `conformance ${set.revision}`;
  const list = await listed(set.revision);
  const missing = [...list.required, ...list.notScored].filter((name) => !found.has(name));
  const unlike = list.notScored.filter((name) => !set.notScored.includes(name));
  cases.push({
    classname: group, name: 'every scenario that the suite lists',
    problem: list.required.length === set.required[0] && !missing.length && !unlike.length
      ? '' : `listed ${list.required.length}; did not run: ${missing}; not known here: ${unlike}`,
  });
  let required = 0, requiredChecks = 0, extraChecks = 0, extra = 0;
  for (const [name, checks] of found) {
    cases.push({ classname: group, name, problem: problem(checks, set) });
    // The trace that some scenarios leave has as many entries as there were messages.
    if (set.notScored.includes(name)) { extra += 1; extraChecks += checks.filter((c) => c.status !== 'INFO').length; } else { required += 1; requiredChecks += checks.length; }
  }
  const counts = `${required} scenarios with ${requiredChecks} checks, not scored ${extra} with ${extraChecks}`;
  const want = `${set.required[0]} scenarios with ${set.required[1]} checks, not scored ${set.notScored.length} with ${set.notScoredChecks}`;
  cases.push({ classname: group, name: `all ran: ${want}`, problem: counts === want ? '' : `ran: ${counts}\n${said.slice(-2000)}` });
  cases.push({ classname: group, name: 'the suite itself says so', problem: code === 0 ? '' : `exit code ${code}\n${said.slice(-3000)}` });
}

async function scenarios(url, { revision, names, skipped = {} }) {
  for (const name of names) {
    const out = path.join(dir, 'product', revision, name);
    const { said } = await run(['server', '--url', url, '--scenario', name, '--spec-version', revision, '-o', out]);
    const [checks] = results(out).values();
    const left = checks?.filter((c) => !(skipped[name] ?? []).includes(c.id));
    cases.push({ classname: `conformance ${revision}, product`, name, problem: left?.length ? problem(left, {}) : `no checks\n${said.slice(-1500)}` });
  }
}

function emptyBaseline() {
  const entries = fs.readFileSync(baseline, 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  cases.push({
    classname: 'conformance', name: 'no failure is expected',
    problem: entries.length === 1 && entries[0] === 'server: []' ? '' : `expected-failures.yml holds ${entries.join(' | ')}`,
  });
}

const escape = (text) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, ' ').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
function report() {
  const lines = cases.map(({ name, classname, problem }) => {
    const open = `<testcase name="${escape(name)}" classname="${escape(classname)}"`;
    return problem ? `${open}><failure message="${escape(problem.split('\n')[0])}">${escape(problem)}</failure></testcase>` : `${open}/>`;
  });
  fs.writeFileSync(result, `<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="conformance">\n${lines.join('\n')}\n</testsuite></testsuites>\n`);
}

try {
  emptyBaseline();
  const everything = await serve(binary('K0RDENT_MCP_EVERYTHING_BIN', 'build/release/everything-server'), [], /http:\S+/);
  for (const set of EVERYTHING) await requirements(everything, set);
  const kubeconfig = path.join(dir, 'kubeconfig');
  await serve(binary('K0RDENT_MCP_SIM_BIN', 'build/k0rdent-mcp-sim'), ['--kubeconfig-out', kubeconfig], /https?:\S+/);
  const product = await serve(binary('K0RDENT_MCP_BIN', 'build/k0rdent-mcp'),
    ['serve', '--listen', '127.0.0.1:0', '--log-format', 'json', '--kubeconfig', kubeconfig], /http:\/\/127\.0\.0\.1:[1-9]\d*\/mcp/);
  for (const set of PRODUCT) await scenarios(product, set);
} catch (error) {
  cases.push({ classname: 'conformance', name: 'the run', problem: String(error.stack ?? error) });
} finally {
  for (const child of children) {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
}
report();
const failed = cases.filter((c) => c.problem);
for (const { classname, name, problem } of failed) console.log(`FAILED ${classname}: ${name}\n${problem}`);
console.log(`conformance: ${cases.length - failed.length} of ${cases.length} passed${failed.length ? `; the results are in ${dir}` : ''}`);
if (!failed.length) fs.rmSync(dir, { recursive: true, force: true });
process.exit(failed.length ? 1 : 0);

// The Helm chart's renderer for tests: Helm itself is Go code that test/chart/setup.sh brings.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { root } from './cluster.mjs';

export const chart = path.join(root, 'deploy/chart');
export const valuesDir = path.join(root, 'test/chart/values');
export const sets = fs.readdirSync(valuesDir).map((file) => path.join(valuesDir, file));
const setup = spawnSync(path.join(root, 'test/chart/setup.sh'), { encoding: 'utf8' });
// Its package exists for one architecture. Nothing of the program runs here that a sanitizer could look at.
export const skip = process.env.K0RDENT_MCP_VARIANT === 'asan' ? 'optional: tried with the release' : setup.status === 0 ? false : `optional: helm: ${setup.stderr.trim().split('\n').at(-1)}`;
export const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'chart-'));

/** helm.py's end, as spawnSync has it. */
export const helm = (...args) => spawnSync(setup.stdout.trim(), [path.join(root, 'test/chart/helm.py'), ...args], { encoding: 'utf8', maxBuffer: 64e6 });
/** Its output; it must succeed. */
export function must(...args) {
  const done = helm(...args);
  assert.equal(done.status, 0, `helm ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}
/** YAML 1.1, as Kubernetes reads it: 0440 is octal. */
export const parse = (text) => parseAllDocuments(text, { version: '1.1' }).map((doc) => doc.toJS()).filter(Boolean);
export const asFile = (values) => {
  const file = path.join(dir, `values-${Math.random().toString(36).slice(2)}.yaml`);
  fs.writeFileSync(file, JSON.stringify(values));
  return file;
};
const fileOf = (values) => (typeof values === 'string' ? values : asFile(values));
const texts = new Map(); // by values: a process takes half a second of a processor
/** The text that the chart renders for the release mcp in the namespace mcp. values: an object, or a file's name. */
export function render(values, ...more) {
  const key = JSON.stringify([values, ...more]);
  if (!texts.has(key)) texts.set(key, must('template', 'mcp', chart, '--namespace', 'mcp', '--values', fileOf(values), ...more));
  return texts.get(key);
}
/** render() of many values, in one process: [{text} or {error}…]. */
export const renderEach = (all, { of = chart, more = [] } = {}) =>
  JSON.parse(must('each', 'mcp', of, '--namespace', 'mcp', ...all.flatMap((values) => ['--values', fileOf(values)]), ...more));
const finder = (all) => Object.assign((kind) => all.find((object) => object.kind === kind), { all });
/** The rendered objects: a function from a kind to its object; `all` of it: all. */
export const objects = (values) => finder(parse(render(values)));
/** objects() of many values; all must be rendered. */
export const objectsEach = (all, options) => renderEach(all, options).map(({ text, error }, at) => {
  assert.equal(error, undefined, JSON.stringify(all[at]));
  return finder(parse(text));
});
export const container = (get) => get('Deployment').spec.template.spec.containers[0];

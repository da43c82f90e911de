// Breaks the product on purpose, one small edit at a time, and looks whether a unit test notices.
// An edit is a line of edits.txt; the first lines of that file say how it is written.
//
//   node test/mutate/run.mjs [PATTERN]      only the edits whose line contains PATTERN; `make mutate EDITS=PATTERN` does the same
//   node test/mutate/run.mjs --check        builds nothing: prints each edit that does not fit its file and each filter that names no
//                                           suite, and exits 1 if there is one
//
// Works in a copy of the tree (build/mutate/tree), so that the checkout stays as it is. An edit is noticed when a test of its filter
// fails or runs out of time. One that its filter does not notice is tried once more with every unit test but the random hours.
// Prints a line for each edit and a summary; exits 1 if an edit lives on, does not fit the code, or does not compile.
//
// The environment's CXX, CXXFLAGS, LDFLAGS and VARIANT are the build's: a compiler with a cache and a quick linker make it cheap.
//   MUTATE_FALLBACK=no   the second try with every unit test is left out
//   MUTATE_RESUME=yes    what the log of the last run (build/mutate/log) says was noticed is not tried again
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const tree = join(top, 'build/mutate/tree');
const log = join(top, 'build/mutate/log');
const variant = process.env.VARIANT ?? 'mutate';
const program = `build/${variant}/unit-tests`;
const fallsBack = process.env.MUTATE_FALLBACK !== 'no';
const filterSeconds = 240;  // an edit that makes a test wait for ever is noticed, too
const wholeSeconds = 1200;
const everything = '-Seed/*';

/** The edits of the list: {line, file, nth, old, new, filter}. Throws a text that names the line that can't be read. */
function readEdits(text) {
  const filters = new Map();
  const folderFilter = folder => filters.get(folder) ?? (folder.includes('/') ? folderFilter(dirname(folder)) : undefined);
  const edits = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const folder = /^filter (\S+) (\S+)$/.exec(line);
    if (folder) { filters.set(folder[1], folder[2]); continue; }
    const part = /^(src\/[^\s:#]+)(?:#(\d+))?: (.+?) =>(?: (.*?))?(?: @ (\S+))?$/.exec(line);
    if (!part) throw `edits.txt:${index + 1}: not "FILE: OLD => NEW @ FILTER": ${line}`;
    const [, file, nth, old, next, own] = part;
    const filter = own ?? folderFilter(dirname(file.slice('src/'.length))) ?? everything;
    edits.push({ line, file, nth: Number(nth ?? 0), old, next: next ?? '', filter });
  }
  return edits;
}

/** The file's text with the edit made, or a text in `fault` that says why the edit does not fit. */
function mutate(text, edit) {
  const places = [];
  for (let at = text.indexOf(edit.old); at >= 0; at = text.indexOf(edit.old, at + 1)) places.push(at);
  if (places.length === 0) return { fault: 'its OLD is not in the file' };
  if (edit.nth === 0 && places.length > 1) return { fault: `its OLD stands ${places.length} times in the file: say which as FILE#N` };
  const at = places[Math.max(edit.nth, 1) - 1];
  if (at === undefined) return { fault: `there are only ${places.length} places` };
  return { text: text.slice(0, at) + edit.next + text.slice(at + edit.old.length) };
}

/** What is wrong with the list, in texts: edits that do not fit, parts of filters that name no suite of the unit tests. */
function faultsOf(edits) {
  const sources = readdirSync(join(top, 'test'), { recursive: true }).filter(each => each.endsWith('_test.cc') && !each.includes('node_modules'));
  const suites = new Set(sources.flatMap(each => [...readFileSync(join(top, 'test', each), 'utf8').matchAll(/^TEST(?:_[FP])?\((\w+),/gm)].map(([, suite]) => suite)));
  const names = pattern => [...suites].some(suite => new RegExp(`^${pattern.split('.')[0].replaceAll('*', '.*')}$`).test(suite));
  const filterFaults = edit => edit.filter.split('-')[0].split(':').filter(each => each !== '' && !names(each)).map(each => `its filter's ${each} names no suite`);
  const fitFaults = ({ file, ...edit }) => existsSync(join(top, file)) ? mutate(readFileSync(join(top, file), 'utf8'), edit).fault ?? [] : 'its FILE does not exist';
  return edits.flatMap(edit => [fitFaults(edit), filterFaults(edit)].flat().map(fault => `${fault}\n         ${edit.line}`));
}

/** With an edit made the program itself is not linked anew: the tests that run it try what was there before. */
function build(edited) {
  // An edit that leaves a variable unused is one that a test must notice, not the compiler.
  const flags = process.env.CXXFLAGS ?? '-O0 -g0 -Wno-unused';
  const kept = edited ? ['-o', `build/${variant}/k0rdent-mcp`] : [];
  const made = spawnSync('make', ['--no-print-directory', ...kept, `VARIANT=${variant}`, `CXXFLAGS=${flags}`, 'LINK=shared', program],
                         { cwd: tree, encoding: 'utf8', env: { ...process.env, MAKEFLAGS: process.env.MAKEFLAGS_MUTATE ?? '', MAKELEVEL: '0' } });
  return made.status === 0 ? '' : made.stderr.split('\n').find(each => /error/.test(each)) ?? 'make failed';
}

/** The name of the first test that failed, "" if all passed. */
function test(filter, seconds) {
  const run = spawnSync(program, ['--gtest_brief=1', '--gtest_fail_fast', `--gtest_filter=${filter}`],
                        { cwd: tree, encoding: 'utf8', env: { TOLERATED_MS: '400', ...process.env }, timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 28 });
  if (run.error?.code === 'ETIMEDOUT') return 'its time was used up';
  if (/Running 0 tests|\[==========\] 0 tests/.test(run.stdout)) throw `the filter ${filter} names no test`;
  if (run.status === 0) return '';
  return /^\[  FAILED  \] ([^ ,]+)/m.exec(run.stdout)?.[1] ?? (run.signal ? `ended by ${run.signal}` : `exit status ${run.status}`);
}

/** Times stay as they are where nothing differs: what an edit of the last run left behind is newer than its object. */
function copyWhatDiffers(from, to) {
  if (!statSync(from).isDirectory()) {
    if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) copyFileSync(from, to);
    return;
  }
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from).filter(each => each !== 'node_modules');
  for (const each of readdirSync(to)) if (!names.includes(each)) rmSync(join(to, each), { recursive: true });
  for (const each of names) copyWhatDiffers(join(from, each), join(to, each));
}

/** Says the outcome of an edit, and keeps it for a run that resumes. */
function report(outcome, edit) {
  console.log(`${outcome}\n         ${edit.line}`);
  appendFileSync(log, `${outcome}\n         ${edit.line}\n`);
}

/** What a run of the tests says of an edit that the tree is built with. */
function outcomeOf(edit) {
  const by = test(edit.filter, filterSeconds) || (fallsBack && edit.filter !== everything ? test(everything, wholeSeconds) : '');
  return by ? `noticed  by ${by}` : 'LIVES   ';
}

if (process.argv[2] === '--check') {
  const faults = faultsOf(readEdits(readFileSync(join(top, 'test/mutate/edits.txt'), 'utf8')));
  for (const fault of faults) console.error(fault);
  process.exit(faults.length > 0 ? 1 : 0);
}
const pattern = process.argv[2] ?? '';
const known = process.env.MUTATE_RESUME && existsSync(log) ? readFileSync(log, 'utf8') : '';
const noticed = edit => known.split('\n').some((line, index, all) => line.trim() === edit.line && all[index - 1].startsWith('noticed'));
const edits = readEdits(readFileSync(join(top, 'test/mutate/edits.txt'), 'utf8')).filter(edit => edit.line.includes(pattern) && !noticed(edit));
mkdirSync(tree, { recursive: true });
if (!known) writeFileSync(log, '');
for (const each of ['src', 'test', 'scripts', 'man', 'doc', 'Makefile']) copyWhatDiffers(join(top, each), join(tree, each));
const fault = build(false);
if (fault) { console.error(`the tree does not build: ${fault}`); process.exit(1); }
const filters = new Set(edits.map(edit => edit.filter));
const failed = test(filters.has(everything) ? everything : [...filters].join(':'), wholeSeconds);
if (failed) { console.error(`without an edit a test fails: ${failed}`); process.exit(1); }

const count = { noticed: 0, lives: 0, unfit: 0 };
for (const edit of edits) {
  const path = join(tree, edit.file);
  const before = readFileSync(path, 'utf8');
  const made = mutate(before, edit);
  let outcome = made.fault ? `UNFIT    ${made.fault}` : '';
  if (!outcome) {
    writeFileSync(path, made.text);
    const broken = build(true);
    outcome = broken ? `UNFIT    does not compile: ${broken}` : outcomeOf(edit);
    writeFileSync(path, before);
  }
  ++count[outcome.startsWith('noticed') ? 'noticed' : outcome.startsWith('LIVES') ? 'lives' : 'unfit'];
  report(outcome, edit);
}
console.log(`${count.noticed} noticed, ${count.lives} live on, ${count.unfit} do not fit`);
process.exit(count.lives + count.unfit > 0 || (edits.length === 0 && !known) ? 1 : 0);

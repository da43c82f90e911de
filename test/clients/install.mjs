// Installs one client of clients.txt, once, into the user's cache, by its language's own tools and registries.
// install(row, cache) -> {command, args}: how to run its story; MODE and URL come from the caller. Throws Missing where the
// toolchain is not here.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const GO_MIN = [1, 25]; // of go-sdk 1.8

/** A toolchain is not here: the row is skipped. */
export class Missing extends Error {}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.error) throw new Missing(`${command} does not run here: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

function works(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  return !done.error && done.status === 0 ? done.stdout : undefined;
}

const extra = (row) => (row.with === '-' ? [] : row.with.split(','));

/** Once: what is half done is made anew. */
function once(dir, make) {
  const stamp = path.join(dir, '.complete');
  if (fs.existsSync(stamp)) return;
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  make();
  fs.writeFileSync(stamp, '');
}

const languages = {
  python(row, dir) {
    if (works('python3', ['-c', 'import venv, ensurepip']) === undefined) throw new Missing('python3 with venv is missing');
    once(dir, () => {
      run('python3', ['-m', 'venv', dir]);
      run(path.join(dir, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', `${row.package}==${row.version}`, ...extra(row)]);
    });
    return (url) => [path.join(dir, 'bin/python'), path.join(here, 'story.py'), url, row.mode];
  },
  node(row, dir) {
    if (works('npm', ['--version']) === undefined) throw new Missing('npm is missing');
    once(dir, () => run('npm', ['install', '--prefix', dir, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error',
      `${row.package}@${row.version}`, ...extra(row)]));
    return (url) => [process.execPath, path.join(here, 'story.mjs'), url, row.mode, dir];
  },
  go(row, dir, cache) {
    const go = ['go', ...fs.readdirSync(cache).filter((name) => /^go1\.\d+/.test(name)).map((name) => path.join(cache, name, 'bin/go'))]
      .find((each) => {
        const found = /^go(\d+)\.(\d+)/.exec(works(each, ['env', 'GOVERSION']) ?? '');
        return found && (found[1] - GO_MIN[0] || found[2] - GO_MIN[1]) >= 0;
      });
    if (!go) throw new Missing(`go >= ${GO_MIN.join('.')} is missing`);
    const story = path.join(dir, 'story');
    const source = fs.readFileSync(path.join(here, 'go/main.go'));
    once(dir, () => fs.writeFileSync(path.join(dir, 'go.mod'),
      `module clientstory\n\ngo 1.23.0\n\nrequire github.com/modelcontextprotocol/go-sdk v${row.version}\n`));
    const main = path.join(dir, 'main.go');
    if (!fs.existsSync(story) || !fs.existsSync(main) || !source.equals(fs.readFileSync(main))) {
      fs.writeFileSync(main, source);
      const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
      run(go, ['mod', 'tidy'], { cwd: dir, env });
      run(go, ['build', '-o', story, '.'], { cwd: dir, env });
    }
    return (url) => [story, url];
  },
};

export function install(row, cache) {
  const name = `${row.language}-${row.package.replace(/^.*\//, '')}-${row.version}`;
  const dir = path.join(cache, 'clients', name);
  fs.mkdirSync(path.dirname(dir), { recursive: true });
  return languages[row.language](row, dir, cache);
}

// Completion in each real shell: every command and every flag of each command is offered, and names that a cluster knows.
import fs from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { binary, invoke } from './lib/product.mjs';
import { startSim } from './lib/sim.mjs';

const sim = await startSim();
after(() => sim.stop());
const name = 'k0rdent-mcp';
const bin = path.join(sim.dir, 'bin');
fs.mkdirSync(bin);
fs.symlinkSync(binary, path.join(bin, name));
const env = { PATH: `${bin}:${process.env.PATH}`, HOME: sim.dir, TERM: 'dumb', KUBECONFIG: sim.kubeconfig };
const script = {};
for (const shell of ['bash', 'zsh', 'fish']) {
  script[shell] = path.join(sim.dir, `completion.${shell}`);
  fs.writeFileSync(script[shell], (await invoke(['completion', shell])).stdout);
}
const has = (shell) => spawnSync(shell, ['-c', 'true']).status === 0;
const run = (shell, args) => {
  const done = spawnSync(shell, args, { encoding: 'utf8', env, timeout: 60_000 });
  assert.equal(done.status, 0, `${shell}: ${done.stderr}`);
  return done.stdout.split('\n').filter(Boolean);
};

/** What the shell offers for each line: an array for each. */
const offer = {
  bash: (lines) => lines.map((line) => run('bash', ['--norc', '-c', `source ${script.bash}
    COMP_LINE=$1; COMP_POINT=\${#1}; COMP_WORDS=($1); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    compopt() { :; }
    _k0rdent_mcp ${name}
    printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', line])),
  // compadd is replaced by one that prints: the shell's own words and the script's own code come before it.
  zsh: (lines) => {
    const all = run('zsh', ['-f', '-c', `autoload -U compinit; compinit -u -D; source ${script.zsh}
    compadd() { local -a all; while (( $# )); do case $1 in -a) all=("\${(@P)2}"); shift;; -S|-d) shift;; esac; shift; done; printf '%s\\n' "\${all[@]}"; }
    _files() { :; }
    for line in "$@"; do
      words=("\${(@s: :)line}"); CURRENT=\${#words}
      _k0rdent_mcp
      echo '=='
    done`, 'zsh', ...lines]);
    return lines.map(() => all.splice(0, all.indexOf('==') + 1).slice(0, -1));
  },
  fish: (lines) => lines.map((line) => run('fish', ['--no-config', '-c', `source ${script.fish}; complete -C '${line}'`]).map((each) => each.split('\t')[0])),
};

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} offers every command, every flag of each, and live names`, { skip: !has(shell) && `${shell} is not installed` }, async () => {
    const help = (await invoke(['--help'])).stdout;
    const commands = [...help.matchAll(/^ {2}k0rdent-mcp ([a-z-]+)/gm)].map((found) => found[1]);
    assert.ok(commands.length > 10);
    const [offered] = offer[shell]([`${name} `]);
    for (const command of commands) assert.ok(offered.includes(command), `${command} of ${offered}`);
    const flagged = commands.filter((command) => !['completion', 'version', 'help'].includes(command)); // those have none
    const flags = offer[shell](flagged.map((command) => `${name} ${command} --`));
    for (const [i, command] of flagged.entries()) {
      const text = (await invoke([command, '--help'])).stdout;
      const wanted = [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((found) => found[1]);
      assert.ok(wanted.length > 0, command);
      for (const flag of wanted) assert.ok(flags[i].includes(flag), `${command} ${flag} of ${flags[i]}`);
    }
    const [tools, namespaces, uris, levels, short, formats, files] = offer[shell]([
      `${name} call k0rdent.mgmt.clusterDep`, `${name} call clusterDeployments.get namespace=k`, `${name} watch k0rdent://events/`, `${name} serve --log-level `, `${name} watch events/k`, `${name} call x -o `, `${name} serve --kubeconfig=${sim.kubeconfig.slice(0, -3)}`]);
    assert.ok(tools.includes('k0rdent.mgmt.clusterDeployments.get'), `${tools}`);
    assert.ok(namespaces.some((each) => each.endsWith('kcm-system')), `${namespaces}`);
    assert.ok(uris.some((each) => each.endsWith('//events/kcm-system')), `${uris}`);
    assert.deepEqual([...levels].sort(), ['debug', 'error', 'info', 'warn']);
    assert.ok(short.includes('events/kcm-system'), `${short}`);
    assert.deepEqual([...formats].sort(), ['json', 'name', 'table', 'wide', 'yaml']);
    if (shell !== 'zsh') assert.ok(files.some((each) => each.endsWith(path.basename(sim.kubeconfig))), `${files}`); // there _files is a stand-in
  });
}

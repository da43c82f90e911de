// What kubectl reads (kubeconfigs) and reaches (servers' certificates), the product does: apiserver/parity asks client-go and the product.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

test('each form of a kubeconfig and of a certificate is taken as client-go takes it', { timeout: 900_000 }, async (t) => {
  const parity = execFileSync('sh', [path.join(here, 'apiserver', 'build.sh'), 'parity'], { encoding: 'utf8' }).trim();
  const run = spawnSync(parity, [process.env.K0RDENT_MCP_BIN], { encoding: 'utf8', timeout: 300_000 });
  const lines = run.stdout.split('\n').filter((line) => /^(not )?ok /.test(line));
  for (const line of lines) {
    const [, verdict, name] = /^((?:not )?ok) ([^\n]*)$/.exec(line);
    await t.test(name.replace(/: client-go came.*/, ''), () => assert.equal(verdict, 'ok', line));
  }
  assert.ok(lines.length > 100, `${lines.length} forms: ${run.stderr}`);
});

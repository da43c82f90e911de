// Go modules as a source of schemas that others publish there.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

/** The folder of a module, "example.com/name@v1.2.3", which go fetches once; undefined where there is no go, or it cannot be had. */
export function goModule(name) {
  const cache = process.env.K0RDENT_MCP_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'k0rdent-mcp');
  const newer = fs.existsSync(cache) ? fs.readdirSync(cache).filter((each) => /^go\d/.test(each)).map((each) => path.join(cache, each, 'bin')) : [];
  // Outside any module, so that nothing else is asked for.
  const { stdout } = spawnSync('go', ['mod', 'download', '-json', name],
    { encoding: 'utf8', cwd: os.tmpdir(), env: { ...process.env, PATH: [...newer, process.env.PATH].join(':'), GOTOOLCHAIN: 'local', GOFLAGS: '-modcacherw' } });
  try { return JSON.parse(stdout).Dir; } catch { return undefined; }
}

// The simulated management cluster with its k0rdent objects, as a program, and its kubeconfig.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './cluster.mjs';
import { start } from './proc.mjs';
import { until } from './wait.mjs';

const binary = path.resolve(root, process.env.K0RDENT_MCP_SIM_BIN || 'build/k0rdent-mcp-sim');

/** {kubeconfig, dir, stop()}; args: more flags of the simulator. */
export async function startSim(args = []) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-sim-'));
  const kubeconfig = path.join(dir, 'config');
  const child = start(binary, ['--kubeconfig-out', kubeconfig, '--fixtures', path.join(root, 'test/fixtures/k0rdent'), ...args]);
  await until('the simulated API server', () => fs.existsSync(kubeconfig));
  return {
    kubeconfig, dir,
    async stop() {
      child.kill('SIGTERM');
      await child.exited;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

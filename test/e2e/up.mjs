// A loaded API server to play with: prints the path of an administrator's kubeconfig, stops when standard input closes.
// usage: node up.mjs < /dev/tty
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, OWN_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'k0rdent-mcp-up-'));
const cluster = await Cluster.start(dir);
await loadCrds(cluster.kube, OWN_CRDS);
await loadObjects(cluster.kube, readFolder(FIXTURES));
console.log(cluster.kubeconfig({ token: cluster.tokens.harness }));
process.stdin.resume().on('end', async () => {
  await cluster.stop();
  fs.rmSync(dir, { recursive: true, force: true });
  process.exit(0);
});

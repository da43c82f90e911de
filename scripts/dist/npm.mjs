// Makes the npm packages, as `npm pack` would, but the same bytes each time: one for each machine with the static program in it, and
// k0rdent-mcp, which npm installs with the one that fits, and whose command starts it (npm/launch.js). `npm publish FILE` takes them.
// usage: npm.mjs OUT VERSION EPOCH ARCH=PROGRAM=NOTICES...       ARCH: amd64, arm64; NOTICES: a folder of the program's licences
import fs from 'node:fs';
import path from 'node:path';
import { entriesOf, gzip, tar } from './oci.mjs';
import { DESCRIPTION, MCP_NAME, REPOSITORY } from './about.mjs';

const [out, version, epoch, ...programs] = process.argv.slice(2);
if (!programs.length) throw new Error('usage: npm.mjs OUT VERSION EPOCH ARCH=PROGRAM=NOTICES...');
const here = path.dirname(new URL(import.meta.url).pathname);
const CPU = { amd64: 'x64', arm64: 'arm64' }; // npm's names

const common = { version, license: 'Apache-2.0', homepage: REPOSITORY, repository: { type: 'git', url: `git+${REPOSITORY}.git` } };
function pack(about, files) {
  const entries = [{ name: 'package/package.json', mode: 0o644, body: Buffer.from(`${JSON.stringify({ ...about, ...common }, null, 2)}\n`) }, ...files];
  fs.writeFileSync(path.join(out, `${about.name}-${version}.npm.tgz`), gzip(tar(entries, Number(epoch))));
}
const file = (name, from, mode = 0o644) => ({ name: `package/${name}`, mode, body: fs.readFileSync(from) });

fs.mkdirSync(out, { recursive: true });
const platforms = programs.map((each) => {
  const [architecture, program, notices] = each.split('=');
  const cpu = CPU[architecture], name = `k0rdent-mcp-linux-${cpu}`;
  const readme = `The program of [k0rdent-mcp](${REPOSITORY}) for Linux on ${cpu}. Install \`k0rdent-mcp\`, which brings it.\n`;
  pack({ name, description: `${DESCRIPTION} (program for Linux on ${cpu})`, os: ['linux'], cpu: [cpu] },
    [file('k0rdent-mcp', program, 0o755), { name: 'package/README.md', mode: 0o644, body: Buffer.from(readme) }, ...entriesOf(notices, 'package')]);
  return name;
});
pack({
  name: 'k0rdent-mcp', description: DESCRIPTION, mcpName: MCP_NAME, keywords: ['mcp', 'kubernetes', 'k0rdent'],
  bin: { 'k0rdent-mcp': 'launch.js' }, engines: { node: '>=14' },
  optionalDependencies: Object.fromEntries(platforms.map((name) => [name, version])),
}, [file('launch.js', path.join(here, 'npm/launch.js'), 0o755), file('README.md', path.join(here, 'npm/README.md')), file('LICENSE', path.join(here, '../../LICENSE'))]);

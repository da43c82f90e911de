// Prints server.json, by which the MCP registry and its clients find the packages. Schema: 2025-12-11 of modelcontextprotocol/registry.
// The registry accepts a package only with the server's name in it: `mcpName` in package.json, `mcp-name:` in the wheel's description, the label
// io.modelcontextprotocol.server.name in the image. usage: registry.mjs VERSION
import { DESCRIPTION, IMAGE, MCP_NAME, REPOSITORY } from './about.mjs';

const [version] = process.argv.slice(2);
if (!version) throw new Error('usage: registry.mjs VERSION');
const kubeconfig = 'The kubeconfig of the management cluster';
const onStdio = [
  { type: 'positional', value: 'stdio' },
  { type: 'named', name: '--kubeconfig', description: kubeconfig, format: 'filepath', isRequired: true },
];
const transport = { type: 'stdio' };
console.log(JSON.stringify({
  $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  name: MCP_NAME, title: 'k0rdent', version, websiteUrl: REPOSITORY, repository: { url: REPOSITORY, source: 'github' },
  description: `${DESCRIPTION}: objects, events, logs, graph, and changes as they happen`,
  packages: [
    { registryType: 'npm', identifier: 'k0rdent-mcp', version, runtimeHint: 'npx', transport, packageArguments: onStdio },
    { registryType: 'pypi', identifier: 'k0rdent-mcp', version, runtimeHint: 'uvx', transport, packageArguments: onStdio },
    {
      registryType: 'oci', identifier: `${IMAGE}:${version}`, runtimeHint: 'docker', transport,
      runtimeArguments: [{
        type: 'named', name: '--mount', value: 'type=bind,src={kubeconfig},dst=/kubeconfig,ro', isRequired: true, description: kubeconfig,
        variables: { kubeconfig: { description: `${kubeconfig}, readable by user 65532`, format: 'filepath', isRequired: true } },
      }],
      packageArguments: [{ type: 'positional', value: 'stdio' }, { type: 'named', name: '--kubeconfig', value: '/kubeconfig' }],
    },
  ],
}, null, 2));

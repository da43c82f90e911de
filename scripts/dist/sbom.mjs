// A bill of materials (CycloneDX 1.6, JSON) from the lines of parts.sh on standard input, the same bytes for the same input.
// usage: sbom.mjs VERSION COMMIT EPOCH < parts
import fs from 'node:fs';
import { createHash } from 'node:crypto';

const [version, commit, epoch] = process.argv.slice(2);
const parts = fs.readFileSync(0, 'utf8').trim().split('\n').map((line) => line.split('\t'));
const os = Object.fromEntries(fs.readFileSync('/etc/os-release', 'utf8').split('\n').filter(Boolean).map((line) => line.replaceAll('"', '').split('=')));
const distribution = `${os.ID}-${os.VERSION_ID}`;
const own = `pkg:generic/k0rdent-mcp@${version}`;

const components = parts.map(([name, has, licence, , source, full]) => ({
  type: 'library', 'bom-ref': `part:${name}`, name, version: has,
  // An SPDX expression with operators is one for itself.
  licenses: [/ /.test(licence) ? { expression: licence } : { license: { id: licence } }],
  purl: `pkg:deb/${os.ID}/${encodeURIComponent(source)}@${encodeURIComponent(full)}?arch=source&distro=${distribution}`,
}));
const body = {
  bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
  metadata: {
    timestamp: new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z'),
    component: {
      type: 'application', 'bom-ref': own, name: 'k0rdent-mcp', version, purl: own,
      licenses: [{ license: { id: 'Apache-2.0' } }], properties: [{ name: 'k0rdent-mcp:commit', value: commit }],
    },
  },
  components,
  dependencies: [{ ref: own, dependsOn: components.map((each) => each['bom-ref']) }, ...components.map((each) => ({ ref: each['bom-ref'] }))],
};
// RFC 9562, version 8: made of the content, so that it is the same again.
const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
const serial = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
const { bomFormat, specVersion, ...rest } = body;
console.log(JSON.stringify({ bomFormat, specVersion, serialNumber: `urn:uuid:${serial}`, ...rest }, null, 2));

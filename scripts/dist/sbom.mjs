// A bill of materials (CycloneDX 1.6, JSON) from the lines of parts.sh on standard input, the same bytes for the same input.
// usage: sbom.mjs VERSION COMMIT EPOCH < parts                        of the program
//        sbom.mjs VERSION COMMIT EPOCH ARCH DIGEST BESIDE < parts     of the image: DIGEST is its index's, BESIDE a file with the lines of
//                                                                     parts.sh --beside
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { IMAGE } from './about.mjs';

const [version, commit, epoch, architecture, digest, beside] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split('\t'));
const os = Object.fromEntries(fs.readFileSync('/etc/os-release', 'utf8').split('\n').filter(Boolean).map((line) => line.replaceAll('"', '').split('=')));
const distribution = `${os.ID}-${os.VERSION_ID}`;
const own = `pkg:generic/k0rdent-mcp@${version}`;

const component = (type) => ([name, has, licence, , source, full]) => ({
  type, 'bom-ref': `part:${name}`, name, version: has,
  // An SPDX expression with operators is one for itself.
  licenses: [/ /.test(licence) ? { expression: licence } : { license: { id: licence } }],
  purl: `pkg:deb/${os.ID}/${encodeURIComponent(source)}@${encodeURIComponent(full)}?arch=source&distro=${distribution}`,
});
const refs = (components) => components.map((each) => each['bom-ref']);
const linked = lines(0).map(component('library')), others = beside ? lines(beside).map(component('data')) : [];
const program = { type: 'application', 'bom-ref': own, name: 'k0rdent-mcp', version, purl: own, licenses: [{ license: { id: 'Apache-2.0' } }] };
const image = beside && { type: 'container', 'bom-ref': 'image', name: 'k0rdent-mcp', version,
  purl: `pkg:oci/k0rdent-mcp@${encodeURIComponent(digest)}?arch=${architecture}&repository_url=${encodeURIComponent(IMAGE)}&tag=${version}` };
const components = [...(image ? [program] : []), ...linked, ...others];
const body = {
  bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
  metadata: {
    timestamp: new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z'),
    component: { ...(image ?? program), properties: [{ name: 'k0rdent-mcp:commit', value: commit }] },
  },
  components,
  dependencies: [...(image ? [{ ref: 'image', dependsOn: [own, ...refs(others)] }] : []), { ref: own, dependsOn: refs(linked) }, ...refs([...linked, ...others]).map((ref) => ({ ref }))],
};
// RFC 9562, version 8: made of the content, so that it is the same again.
const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
const serial = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
const { bomFormat, specVersion, ...rest } = body;
console.log(JSON.stringify({ bomFormat, specVersion, serialNumber: `urn:uuid:${serial}`, ...rest }, null, 2));

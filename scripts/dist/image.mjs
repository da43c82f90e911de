// Makes the container image as an OCI layout: the static program, certificate authorities, a user, licences; nothing else.
// usage: image.mjs OUT VERSION COMMIT EPOCH ARCH=PROGRAM=NOTICES...       ARCH: amd64, arm64. Prints the index's digest.
// NOTICES: a folder whose files go to /usr/share/doc/k0rdent-mcp, the licences of what that program is linked with.
import fs from 'node:fs';
import path from 'node:path';
import { DESCRIPTION, IMAGE, MCP_NAME } from './about.mjs';
import { Layout, entriesOf, tar } from './oci.mjs';

const [out, version, commit, seconds, ...programs] = process.argv.slice(2);
if (!programs.length) throw new Error('usage: image.mjs OUT VERSION COMMIT EPOCH ARCH=PROGRAM=NOTICES...');
const epoch = Number(seconds);
const USER = 65532; // "nonroot" in the images of others, too
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
// The package's own: the file of that name here may have authorities of this machine beside them, of a proxy that intercepts TLS for one.
const MOZILLA = '/usr/share/ca-certificates/mozilla';
const authorities = () => Buffer.concat(fs.readdirSync(MOZILLA).filter((name) => name.endsWith('.crt')).sort().map((name) => fs.readFileSync(path.join(MOZILLA, name))));

const text = (name, body) => ({ name, mode: 0o644, body: Buffer.from(body) });
const base = tar([
  ...['etc/', 'etc/ssl/', 'etc/ssl/certs/', 'usr/', 'usr/bin/', 'usr/share/', 'usr/share/doc/', 'usr/share/doc/k0rdent-mcp/', 'var/', 'var/lib/'].map((name) => ({ name, mode: 0o755 })),
  { name: 'tmp/', mode: 0o1777 },
  // Where the catalog's index is kept.
  { name: 'var/lib/k0rdent-mcp/', mode: 0o755, uid: USER },
  text('etc/passwd', `root:x:0:0:root:/:/sbin/nologin\nk0rdent-mcp:x:${USER}:${USER}:k0rdent-mcp:/:/sbin/nologin\n`),
  text('etc/group', `root:x:0:\nk0rdent-mcp:x:${USER}:\n`),
  text('etc/nsswitch.conf', 'hosts: files dns\n'),
  { name: AUTHORITIES.slice(1), mode: 0o644, body: authorities() },
], epoch);

const labels = {
  'org.opencontainers.image.title': 'k0rdent-mcp',
  'org.opencontainers.image.description': DESCRIPTION,
  'org.opencontainers.image.version': version,
  'org.opencontainers.image.revision': commit,
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'io.modelcontextprotocol.server.name': MCP_NAME,
};
const layout = new Layout();
const images = programs.map((each) => {
  const [architecture, program, notices] = each.split('=');
  const own = tar([{ name: 'usr/bin/k0rdent-mcp', mode: 0o755, body: fs.readFileSync(program) }, ...entriesOf(notices, 'usr/share/doc/k0rdent-mcp')], epoch);
  return layout.image({
    architecture, epoch, annotations: labels,
    layers: [base, own],
    config: {
      User: `${USER}:${USER}`, Entrypoint: ['/usr/bin/k0rdent-mcp'], Cmd: ['serve'], WorkingDir: '/', StopSignal: 'SIGTERM',
      Env: ['PATH=/usr/bin'], ExposedPorts: { '6767/tcp': {} }, Labels: labels,
    },
  });
});
const index = layout.index(images, labels);
fs.rmSync(out, { recursive: true, force: true });
// containerd and podman name an image that they load from a file by this; others by the tag alone.
layout.write(out, [[version, index, { 'io.containerd.image.name': `${IMAGE}:${version}` }]]);
console.log(index.digest);

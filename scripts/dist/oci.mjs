// OCI layouts made from files alone: images, Helm charts. No daemon, no root, and the same bytes from the same input: each time is the
// epoch given, each owner 0 or the one said, each list is sorted. Specification: OCI image-spec 1.1 (image layout, index, manifest,
// config, layer). A layer's digest also depends on the zlib of the node that packs it.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const digest = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A ustar archive. entries: {name (no leading slash; a folder's ends with one), mode, uid, body}; epoch: seconds, of every file. */
export function tar(entries, epoch) {
  const blocks = [];
  for (const { name, mode, uid = 0, body = Buffer.alloc(0) } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (Buffer.byteLength(name) > 100) throw new Error(`${name}: longer than ustar's 100 bytes`);
    const head = Buffer.alloc(512);
    const octal = (value, at, width) => head.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, width, 'latin1');
    head.write(name, 0);
    octal(mode, 100, 8);
    octal(uid, 108, 8);
    octal(uid, 116, 8);
    octal(body.length, 124, 12);
    octal(epoch, 136, 12);
    head.write('        ', 148); // the checksum is taken with blanks in its place
    head.write(name.endsWith('/') ? '5' : '0', 156);
    head.write('ustar\x0000', 257, 8, 'latin1');
    head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
    blocks.push(head, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

export const gzip = (bytes) => gzipSync(bytes, { level: 9 });

/** A layout in a folder: add() what it holds, then write(). */
export class Layout {
  #blobs = new Map();

  #add(mediaType, bytes) {
    const name = digest(bytes);
    this.#blobs.set(name, bytes);
    return { mediaType, digest: name, size: bytes.length };
  }
  #json(mediaType, value) { return this.#add(mediaType, Buffer.from(JSON.stringify(value))); }

  /** layers: tar archives, lowest first; config: of the image configuration. Returns the descriptor of the image's manifest. */
  image({ architecture, layers, config, epoch, annotations }) {
    const packed = layers.map((layer) => this.#add(LAYER, gzip(layer)));
    const created = new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
    const settings = this.#json(CONFIG, {
      created, architecture, os: 'linux', config,
      rootfs: { type: 'layers', diff_ids: layers.map(digest) },
      history: layers.map(() => ({ created, created_by: 'scripts/dist/oci.mjs' })),
    });
    const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: settings, layers: packed, annotations };
    return { ...this.#json(MANIFEST, manifest), platform: { architecture, os: 'linux' } };
  }

  /** One name for images of several architectures. */
  index(manifests, annotations) {
    return this.#json(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests, annotations });
  }

  /** A packaged chart as `helm push` stores it. about: Chart.yaml as an object. */
  chart(archive, about, annotations) {
    const config = this.#json('application/vnd.cncf.helm.config.v1+json', about);
    const layer = this.#add('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive);
    return this.#json(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer], annotations });
  }

  /** named: [[tag, descriptor, further annotations]…]. The folder must not exist. */
  write(folder, named) {
    fs.mkdirSync(path.join(folder, 'blobs/sha256'), { recursive: true });
    for (const [name, bytes] of this.#blobs) fs.writeFileSync(path.join(folder, 'blobs', name.replace(':', '/')), bytes);
    fs.writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    const manifests = named.map(([tag, descriptor, more]) => ({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': tag, ...more } }));
    fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  }
}

/** Every file below a folder as entries of tar(), under `prefix`. */
export function entriesOf(folder, prefix) {
  return fs.readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    return { name: path.join(prefix, path.relative(folder, file)), mode: 0o644, body: fs.readFileSync(file) };
  });
}

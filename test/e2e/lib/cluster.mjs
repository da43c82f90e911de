// A real kube-apiserver on etcd, on loopback: start, load, kill, freeze, restart.
// The test run has one (E2E_CLUSTER names its description); a story that breaks its API server starts its own.
import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { freePort, run, start } from './proc.mjs';
import { Audit } from './audit.mjs';
import { Kube } from './kube.mjs';
import { until } from './wait.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
export const root = path.resolve(here, '../..', '..');
export const cacheDir = process.env.K0RDENT_MCP_CACHE ||
  path.join(process.env.XDG_CACHE_HOME || path.join(process.env.HOME, '.cache'), 'k0rdent-mcp');

/** The cached kube-apiserver of the version that go.mod names. */
export function apiserverBinary() {
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(
    fs.readFileSync(path.join(here, '../apiserver/go.mod'), 'utf8'))[1];
  return path.join(cacheDir, `kube-apiserver-${version}`);
}

/** Identities that each product process takes one of, so that the audit log tells them apart. */
const PRODUCT_USERS = 150;

/** Everything the product asks is logged; our own hands and the API server's own are not. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [
    { level: 'None', users: ['harness', 'system:apiserver', 'system:anonymous'] },
    { level: 'Metadata' },
  ],
};

export class Cluster {
  #etcd;
  #server;
  #audit;

  constructor(description) {
    Object.assign(this, description);
    this.kube = new Kube(this.url, this.ca, { token: this.tokens.harness });
  }

  /** The one of this test run. */
  static shared() {
    const file = process.env.E2E_CLUSTER;
    if (!file) throw new Error('E2E_CLUSTER is not set: start the stories by run.sh or run.mjs');
    return new Cluster(JSON.parse(fs.readFileSync(file, 'utf8')));
  }

  /** Starts etcd and an API server of their own in dir, ready when it returns. flags, etcdFlags: further ones of the two. */
  static async start(dir, { flags = [], etcdFlags = [] } = {}) {
    fs.mkdirSync(path.join(dir, 'claims'), { recursive: true });
    const pki = makePki(path.join(dir, 'pki'));
    const tokens = { harness: 'harness-' + secret(), alice: 'alice-' + secret(), aliceAgain: 'alice2-' + secret(), bob: 'bob-' + secret() };
    for (let i = 0; i < PRODUCT_USERS; i++) tokens[`product-${i}`] = `product-${i}-${secret()}`;
    const port = await freePort();
    const cluster = new Cluster({
      dir, port, tokens, ...pki, url: `https://127.0.0.1:${port}`, etcdPort: await freePort(), auditLog: path.join(dir, 'audit.log'), flags, etcdFlags,
    });
    cluster.writeTokens();
    fs.writeFileSync(path.join(dir, 'audit-policy.json'), JSON.stringify(AUDIT_POLICY));
    fs.writeFileSync(cluster.auditLog, '');
    await cluster.#startEtcd();
    await cluster.startServer();
    return cluster;
  }

  /** For the other processes of the run. */
  describe() {
    const { dir, port, url, tokens, ca, pki, etcdPort, auditLog } = this;
    const file = path.join(dir, 'cluster.json');
    fs.writeFileSync(file, JSON.stringify({ dir, port, url, tokens, ca, pki, etcdPort, auditLog }));
    return file;
  }

  /** The static tokens, read by the API server when it starts. without: names whose tokens are no longer good. */
  writeTokens({ without = [] } = {}) {
    const user = { aliceAgain: 'alice' };
    const rows = Object.entries(this.tokens).filter(([name]) => !without.includes(name)).map(([name, token]) => {
      const groups = /^(harness|product-\d+)$/.test(name) ? '"system:masters"' : '"people"';
      return `${token},${user[name] ?? name},uid-${user[name] ?? name},${groups}`;
    });
    fs.writeFileSync(path.join(this.dir, 'tokens.csv'), rows.join('\n') + '\n', { mode: 0o600 });
  }

  async #startEtcd() {
    const log = fs.openSync(path.join(this.dir, 'etcd.log'), 'a');
    const client = `http://127.0.0.1:${this.etcdPort}`;
    this.#etcd = start('etcd', [
      '--data-dir', path.join(this.dir, 'etcd'), '--unsafe-no-fsync',
      '--listen-client-urls', client, '--advertise-client-urls', client,
      '--listen-peer-urls', `http://127.0.0.1:${await freePort()}`, ...(this.etcdFlags ?? []),
    ], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
  }

  /** Starts the API server on the same etcd, port and certificates; returns when it is ready. */
  async startServer() {
    const file = path.join(this.dir, 'apiserver.log');
    const log = fs.openSync(file, 'a');
    const server = start(apiserverBinary(), [
      `--etcd-servers=http://127.0.0.1:${this.etcdPort}`,
      '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${this.port}`,
      `--tls-cert-file=${this.pki}/server.crt`, `--tls-private-key-file=${this.pki}/server.key`,
      `--client-ca-file=${this.ca}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${this.pki}/sa.key`, `--service-account-signing-key-file=${this.pki}/sa.key`,
      `--token-auth-file=${this.dir}/tokens.csv`, '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24', '--disable-admission-plugins=ServiceAccount',
      `--audit-policy-file=${this.dir}/audit-policy.json`, `--audit-log-path=${this.auditLog}`,
      '--audit-log-mode=blocking', ...(this.flags ?? []),
    ], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.#server = server;
    let gone;
    server.exited.then((end) => (gone = end));
    await until(() => `the API server to be ready (${file})`, async () => {
      if (gone) return true;
      return (await this.kube.ask('GET', '/readyz')).status === 200;
    }, { ms: 60_000, every: 50 });
    if (gone) throw new Error(`kube-apiserver ended: ${tail(file)}`);
  }

  /** kill -9 of the API server alone. */
  async killServer() {
    const server = this.#server;
    server.kill('SIGKILL');
    await server.exited;
  }

  /** The API server holds its connections and answers nothing, until thaw(). */
  freeze() { this.#server.kill('SIGSTOP'); }
  thaw() { this.#server.kill('SIGCONT'); }

  async #askEtcd(what, body) {
    const answer = await fetch(`http://127.0.0.1:${this.etcdPort}/v3/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd ${what}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Forgets etcd's history: a watch from an older resourceVersion gets 410. */
  async compact() {
    const { header } = await this.#askEtcd('maintenance/status', {});
    await this.#askEtcd('kv/compaction', { revision: header.revision, physical: true });
  }

  /** Everything that is stored: key → the revision of its last write. */
  async revisions() {
    const encode = (text) => Buffer.from(text).toString('base64');
    const { kvs } = await this.#askEtcd('kv/range', { key: encode('/registry/'), range_end: encode('/registry0'), keys_only: true });
    return new Map(kvs.map(({ key, mod_revision }) => [Buffer.from(key, 'base64').toString(), mod_revision]));
  }

  async stop() {
    this.kube.close();
    for (const child of [this.#server, this.#etcd]) {
      if (!child) continue;
      child.kill('SIGKILL'); // no graceful end: its wait for etcd takes a minute
      await child.exited;
    }
  }

  get audit() {
    return (this.#audit ??= new Audit(this.auditLog));
  }

  as(token) { return new Kube(this.url, this.ca, { token }); }

  /** Takes one of the product identities for good: {name, token}. */
  claimUser() {
    for (let i = 0; i < PRODUCT_USERS; i++) {
      try {
        fs.closeSync(fs.openSync(path.join(this.dir, 'claims', String(i)), 'wx'));
        return { name: `product-${i}`, token: this.tokens[`product-${i}`] };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
    }
    throw new Error(`more than ${PRODUCT_USERS} products in one run: raise PRODUCT_USERS`);
  }

  /** Writes a kubeconfig; user: {token} or {cert, key}; url: where the product believes the API server is. */
  kubeconfig(user, { url = this.url } = {}) {
    const credentials = user.token ? { token: user.token }
      : { 'client-certificate': user.cert, 'client-key': user.key };
    const file = path.join(this.dir, `kubeconfig-${randomBytes(4).toString('hex')}`);
    // JSON is YAML; hand-written lines keep it a file as people have it.
    fs.writeFileSync(file, [
      'apiVersion: v1',
      'kind: Config',
      'current-context: test',
      'clusters:',
      '- name: test',
      '  cluster:',
      `    server: ${url}`,
      `    certificate-authority: ${this.ca}`,
      'contexts:',
      '- name: test',
      '  context:',
      '    cluster: test',
      '    user: product',
      'users:',
      '- name: product',
      '  user:',
      ...Object.entries(credentials).map(([key, value]) => `    ${key}: ${value}`),
      '',
    ].join('\n'), { mode: 0o600 });
    return file;
  }

  /** The client certificate of an administrator. */
  get adminCertificate() { return { cert: `${this.pki}/admin.crt`, key: `${this.pki}/admin.key` }; }
}

const secret = () => randomBytes(12).toString('hex');
const tail = (file) => fs.readFileSync(file, 'utf8').split('\n').slice(-8).join('\n');

/** One authority for the server, its clients and the kubelet stand-in; good for two days. */
function makePki(dir) {
  fs.mkdirSync(dir, { recursive: true });
  const at = (name) => path.join(dir, name);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('openssl', ['req', '-x509', ...ec, '-days', '2', '-subj', '/CN=e2e authority', '-keyout', at('ca.key'), '-out', at('ca.crt')]);
  const sign = (name, subject, extensions) => {
    fs.writeFileSync(at(`${name}.ext`), extensions);
    run('openssl', ['req', ...ec, '-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)]);
    run('openssl', ['x509', '-req', '-days', '2', '-in', at(`${name}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key'),
      '-CAcreateserial', '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)]);
  };
  sign('server', '/CN=kube-apiserver', 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n');
  sign('admin', '/O=system:masters/CN=certificate-admin', 'extendedKeyUsage=clientAuth\n');
  run('openssl', ['genrsa', '-out', at('sa.key'), '2048']);
  return { pki: dir, ca: at('ca.crt') };
}

// What the chart passes to the server: each rendered command line is one that the server takes as it is meant.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { chart, container, dir, objects, objectsEach, parse, renderEach, sets, skip } from './lib/chart.mjs';
import { root } from './lib/cluster.mjs';
import { invoke } from './lib/product.mjs';

const keyFile = path.join(dir, 'key');
fs.writeFileSync(keyFile, 'k'.repeat(48), { mode: 0o600 });
/** The arguments of the pod, as the kubelet passes them, with files that are here. */
const argsOf = (get) => container(get).args.map((arg) => arg.replaceAll('$(POD_NAMESPACE)', 'mcp').replace('/etc/k0rdent-mcp/seal/seal-key', keyFile));

/** The settings that the server makes of arguments: {flag: value}, those alone that are no default. The whole of them is checked, too. */
async function settings(args, why) {
  assert.equal(args[0], 'serve', why);
  const { code, stdout, stderr } = await invoke(['print-config', ...args.slice(1)]);
  assert.equal(code, 0, `${why}: ${args.join(' ')}: ${stderr}`);
  // check reads what print-config printed, and answers 2 where serve would refuse it; the kubeconfig is none.
  const file = path.join(dir, `config-${Math.random().toString(36).slice(2)}.yaml`);
  fs.writeFileSync(file, stdout);
  const checked = await invoke(['check', '--config', file, '--kubeconfig', '/nonexistent'], { env: { KUBECONFIG: '/nonexistent' } });
  assert.notEqual(checked.code, 2, `${why}: ${checked.stdout}${checked.stderr}`);
  assert.doesNotMatch(checked.stderr, /--\w/, `${why}: ${checked.stderr}`);
  return Object.fromEntries(stdout.split('\n').filter((line) => /^[a-z]/.test(line) && !/ # default$/.test(line)).map((line) => /^([a-z-]+): (.*?) +# /.exec(line).slice(1)));
}

test('the server takes the arguments of each value set', { skip }, async () => {
  for (const [at, get] of objectsEach(sets).entries()) await settings(argsOf(get), path.basename(sets[at]));
});

test('the server takes the arguments of values at the edge of what the schema lets through', { skip }, async () => {
  const oauth = (publicUrl, more = {}) => ({ auth: { mode: 'OAUTH', publicUrl, issuers: ['https://login.example/realms/ops'] }, ...more });
  const rows = [
    ...['https://a.example', 'https://a.example/mcp', 'https://a.example:8443/a/b', 'https://[2001:db8::1]/mcp', 'https://a_b.example/mcp'].map((url) => oauth(url)),
    { ingress: { enabled: true, host: 'a.example' } },
    oauth('https://b.example/mcp', { ingress: { enabled: true, host: 'a.example' } }),
    { auth: { mode: 'OAUTH', publicUrl: 'https://a.example/mcp' }, config: { 'oauth-opaque-tokens': true } },
    { config: { 'oauth-service-accounts': false, 'oauth-opaque-tokens': 'off' } },
    { auth: { mode: 'DEV_ALLOW_ANY' }, serviceAccount: { name: 'x' } },
    ...['127.0.0.1', '[::1]', '[::]'].map((listenAddress) => ({ listenAddress })),
    ...['30m30s', '1.5s', '.5s', '500ms', '2000us'].map((time) => ({ config: { 'catalog-timeout': time } })),
    { config: { pulse: '0' } },
    { config: { 'max-sessions': '500', 'max-body': 65536, 'backoff-factor': '1.5', 'backoff-jitter': 0 } },
    { config: { confirm: 'never', 'tool-names': 'underscores', 'tls-client-user': 'uri', 'caller-credentials': 'impersonate' } },
    { config: { 'log-level': 'error', metrics: false, sandbox: true, 'core-dumps': 'off', 'cluster-name': 123, 'system-namespace': 'kcm-system' } },
    ...['https://a.example/x.json', 'http://localhost:8080/x.json', 'http://127.0.0.1', '/catalog', 'file:///catalog/index.json'].map((url) => ({ config: { 'catalog-url': url } })),
    ...['none', '/x'].map((where) => ({ config: { 'catalog-cache-dir': where } })),
    { config: { 'tls-client-ca-file': '/x/ca.crt' }, tls: { existingSecret: 'x' } },
    { config: { 'allow-writes': true } },
    { config: { 'allowed-origins': [], toolsets: [], rate: 'none' } },
    { allowedHosts: ['192.0.2.1', '2001:db8::7', 'a.example'] },
  ];
  for (const [at, get] of objectsEach(rows).entries()) await settings(argsOf(get), JSON.stringify(rows[at]));
});

test('a list in config is one value of its flag, whole', { skip }, async () => {
  const config = { 'allowed-origins': ['https://a.example', 'https://b.example'], toolsets: ['core', 'logs'], rate: ['read=5:2', 'write=1'] };
  const said = await settings(argsOf(objects({ config })), 'lists');
  assert.deepEqual([said['allowed-origins'], said.toolsets, said.rate].map((value) => value.replaceAll('"', '')), ['https://a.example,https://b.example', 'core,logs', 'read=5:2,write=1']);
});

test('behind the chart\'s own proxy one address may have all connections, and as many token reviews as there are without one', { skip }, async () => {
  const ingress = { enabled: true, host: 'a.example', tlsSecret: 'x' }, httpRoute = { enabled: true, hostnames: ['a.example'], parentRefs: [{ name: 'x' }] };
  const of = ({ 'max-connections': all, 'max-connections-per-peer': peer, 'token-reviews': reviews }) => [all, peer, reviews];
  const rows = [
    [{}, [undefined, undefined, undefined]],
    [{ ingress }, [undefined, '12000', '256']],
    [{ httpRoute }, [undefined, '12000', '256']],
    [{ ingress, config: { 'max-connections': 500 } }, ['500', '500', '256']],
    [{ ingress, config: { 'max-connections-per-peer': 100, 'token-reviews': 8 } }, [undefined, '100', '8']],
  ];
  for (const [at, get] of objectsEach(rows.map(([values]) => values)).entries()) assert.deepEqual(of(await settings(argsOf(get), String(at))), rows[at][1], JSON.stringify(rows[at][0]));
  // The numbers of the server's own help: 12000, and a quarter of 64.
  const { stdout } = await invoke(['serve', '--help']);
  for (const words of [/ HTTP connections at once; .*\(default 12000\)/, /at most a quarter of them for one peer; .*\(default 64\)/, /default: a quarter of --max-connections\)/]) assert.match(stdout, words);
});

/** Each value of values.yaml: [path, default]; sections are followed where the chart's schema knows what is in them. */
function leaves(values, schema, at = []) {
  return Object.entries(values).flatMap(([key, value]) => {
    const known = schema.properties?.[key];
    return known?.properties && value && !Array.isArray(value) && !['config', 'resources'].includes(key) ? [[[...at, key], value], ...leaves(value, known, [...at, key])] : [[[...at, key], value]];
  });
}

test('a value that is left empty is as one without content, or refused by name', { skip }, () => {
  const [values] = parse(fs.readFileSync(path.join(chart, 'values.yaml'), 'utf8'));
  const schema = JSON.parse(fs.readFileSync(path.join(chart, 'values.schema.json'), 'utf8'));
  const all = leaves(values, schema);
  assert.ok(all.length > 80, `${all.length}`);
  const with_ = (where, value) => where.reduceRight((inner, key) => ({ [key]: inner }), value);
  // So that the sections are rendered which are off by default.
  const on = { ingress: { enabled: true, host: 'a.example' }, httpRoute: { enabled: true, hostnames: ['a.example'], parentRefs: [{ name: 'x' }] }, serviceMonitor: { enabled: true },
    tls: { certManager: { enabled: true, issuerRef: { name: 'x' } } }, rbac: { presets: ['view'], subjects: [{ kind: 'Group', name: 'x' }] }, replicas: 2 };
  const merged = (into, more) => Object.fromEntries([...new Set([...Object.keys(into), ...Object.keys(more)])].map((key) => {
    const plain = (each) => each && typeof each === 'object' && !Array.isArray(each);
    return [key, key in more ? (plain(into[key]) && plain(more[key]) ? merged(into[key], more[key]) : more[key]) : into[key]];
  }));
  const nulls = renderEach(all.map(([where]) => merged(on, with_(where, null))));
  const same = []; // [name, its rendered text, the values without content in its place]
  for (const [at, [where, value]] of all.entries()) {
    const name = where.join('.'), { text, error } = nulls[at];
    if (error) assert.match(error, new RegExp(`missing property '${where.at(-1)}'|(ingress|httpRoute|certManager)\\.enabled needs |rbac\\.subjects get no rights`), `${name}: ${error}`);
    else {
      assert.doesNotMatch(text, /<nil>|%!/, name);
      if (typeof value === 'string' || Array.isArray(value)) same.push([name, text, merged(on, with_(where, typeof value === 'string' ? '' : []))]);
    }
  }
  assert.ok(same.length > 20, `${same.length}`);
  const sealless = (text) => text.replace(/^ {2}"seal-key": .*$/m, '');
  for (const [at, { text, error }] of renderEach(same.map(([, , values]) => values)).entries()) assert.equal(sealless(same[at][1]), sealless(text ?? error), same[at][0]);
});

test('the plain manifests follow their objects into another namespace', { skip }, () => {
  const manifests = parse(fs.readFileSync(path.join(root, 'deploy/kustomize/k0rdent-mcp.yaml'), 'utf8'));
  const deployment = manifests.find(({ kind }) => kind === 'Deployment');
  const { args, env } = deployment.spec.template.spec.containers[0];
  assert.ok(env.some(({ name, valueFrom }) => name === 'POD_NAMESPACE' && valueFrom.fieldRef.fieldPath === 'metadata.namespace'));
  const hosts = args.find((arg) => arg.startsWith('--allowed-hosts=')).slice(16).replaceAll('$(POD_NAMESPACE)', 'other').split(',');
  assert.deepEqual(hosts, ['k0rdent-mcp', 'k0rdent-mcp.other', 'k0rdent-mcp.other.svc', 'k0rdent-mcp.other.svc.cluster.local']);
});

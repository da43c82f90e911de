// The Helm chart: what it renders, what it refuses, and its life in a real API server. What the server makes of it: chart_args.test.mjs.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { asFile, chart, container, dir, helm, must, objects, objectsEach, parse, render, renderEach, sets, skip, valuesDir } from './lib/chart.mjs';
import { Cluster, root } from './lib/cluster.mjs';
import { until } from './lib/wait.mjs';
import { invoke } from './lib/product.mjs';

test('every value set is linted without a warning', { skip }, () => {
  for (const file of sets) must('lint', chart, '--values', file);
});

test('by default the pod has no token, no rights and no way to write', { skip }, () => {
  const get = objects({});
  const { spec } = get('Deployment').spec.template;
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(get('ServiceAccount').automountServiceAccountToken, false);
  const { sources } = spec.volumes.find((volume) => volume.name === 'service-account').projected;
  assert.deepEqual(sources, [{ configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }]);
  assert.ok(container(get).args.includes('--auth-mode=OIDC_REQUIRED'));
  assert.equal(container(get).securityContext.readOnlyRootFilesystem, true);
  assert.deepEqual(container(get).securityContext.capabilities, { drop: ['ALL'] });
  for (const kind of ['ClusterRole', 'ClusterRoleBinding', 'Ingress', 'HTTPRoute', 'ServiceMonitor', 'PodDisruptionBudget', 'ConfigMap']) assert.equal(get(kind), undefined, kind);
  assert.equal(get('Service').spec.type, 'ClusterIP');
  assert.ok(get('NetworkPolicy'));
});

test('the server knows the names by which it is reached, and its memory limit', { skip }, () => {
  const get = objects(path.join(valuesDir, 'production.yaml'));
  // $(POD_NAMESPACE): the kubelet's to put in, so that the names follow the objects into another namespace.
  const ns = '$(POD_NAMESPACE)', names = ['mcp-k0rdent-mcp', `mcp-k0rdent-mcp.${ns}`, `mcp-k0rdent-mcp.${ns}.svc`, `mcp-k0rdent-mcp.${ns}.svc.cluster.local`, 'mcp.example.com', 'mcp.intern.example'];
  assert.deepEqual(container(get).env.find(({ name }) => name === 'POD_NAMESPACE').valueFrom, { fieldRef: { fieldPath: 'metadata.namespace' } });
  assert.ok(container(get).args.includes(`--allowed-hosts=${names.join(',')}`), container(get).args.join(' '));
  const limit = ({ name }) => name === 'K0RDENT_MCP_MEMORY_LIMIT';
  assert.deepEqual(container(get).env.find(limit).valueFrom, { resourceFieldRef: { resource: 'limits.memory' } });
  assert.equal(container(objects(path.join(valuesDir, 'gateway.yaml'))).env.find(limit), undefined, 'no limit, no flag: the node has more than is ours');
});

test('values of config become flags, and an image its digest in the registry of the site', { skip }, () => {
  const get = objects(path.join(valuesDir, 'production.yaml'));
  for (const flag of ['--allow-writes=on', '--no-destructive=on', '--max-sessions=5000', '--backoff-factor=1.5', '--log-level=warn', '--audit-file=-']) {
    assert.ok(container(get).args.includes(flag), `${flag} in ${container(get).args.join(' ')}`);
  }
  assert.match(container(get).image, /^registry\.example:5000\/mirror\/k0rdent-mcp@sha256:[0-9a-f]{64}$/);
  assert.deepEqual(get('Deployment').spec.template.spec.imagePullSecrets, [{ name: 'mirror' }]);
  assert.ok(!container(objects({ config: { 'allow-writes': true, 'audit-file': '/scratch/audit' } })).args.includes('--audit-file=-'));
});

test('more than one replica share a key, keep a client on one of them, and are spread', { skip }, () => {
  const get = objects(path.join(valuesDir, 'production.yaml'));
  assert.equal(get('Service').spec.sessionAffinity, 'ClientIP');
  assert.equal(get('PodDisruptionBudget').spec.maxUnavailable, 1);
  assert.equal(get('Deployment').spec.template.spec.topologySpreadConstraints.length, 2);
  assert.equal(get('Secret'), undefined);
  const { secret } = get('Deployment').spec.template.spec.volumes.find((volume) => volume.name === 'seal');
  assert.deepEqual(secret, { secretName: 'shared-seal', defaultMode: 0o440, items: [{ key: 'token', path: 'seal-key' }] });
  assert.equal(objects({})('Service').spec.sessionAffinity, 'None');
});

test('rights are bound to the callers, and to the pod only where it acts itself', { skip }, () => {
  const production = objects(path.join(valuesDir, 'production.yaml'));
  assert.deepEqual(production('ClusterRoleBinding').subjects, [
    { kind: 'Group', name: 'oidc:operators', apiGroup: 'rbac.authorization.k8s.io' },
    { kind: 'ServiceAccount', name: 'agent', namespace: 'agents' },
  ]);
  const trial = objects(path.join(valuesDir, 'trial.yaml'));
  assert.deepEqual(trial('ClusterRoleBinding').subjects, [{ kind: 'ServiceAccount', name: 'mcp-k0rdent-mcp', namespace: 'mcp' }]);
  const { sources } = trial('Deployment').spec.template.spec.volumes.find((volume) => volume.name === 'service-account').projected;
  assert.ok(sources.some((source) => source.serviceAccountToken?.path === 'token'));
});

test('streams pass an ingress and a gateway without buffers and time limits; the pages for operators stay inside', { skip }, () => {
  const ingress = objects(path.join(valuesDir, 'production.yaml'))('Ingress');
  assert.equal(ingress.metadata.annotations['nginx.ingress.kubernetes.io/proxy-buffering'], 'off');
  assert.deepEqual(ingress.spec.rules[0].http.paths.map(({ path: where }) => where), ['/mcp', '/.well-known/']);
  const [rule] = objects(path.join(valuesDir, 'gateway.yaml'))('HTTPRoute').spec.rules;
  assert.deepEqual(rule.timeouts, { request: '0s', backendRequest: '0s' });
  assert.deepEqual(rule.matches.map(({ path: { value } }) => value), ['/mcp', '/.well-known']);
});

test('tokens arrive by TLS, of cert-manager or of the site, or at a proxy that terminates it', { skip }, () => {
  const get = objects(path.join(valuesDir, 'gateway.yaml'));
  const certificate = get('Certificate').spec;
  assert.deepEqual(certificate.dnsNames, ['localhost', 'mcp', 'mcp.mcp', 'mcp.mcp.svc', 'mcp.mcp.svc.cluster.local', 'mcp.example.com']);
  for (const each of [get, objects({ tls: { existingSecret: certificate.secretName } })]) {
    const { volumes } = each('Deployment').spec.template.spec;
    assert.equal(volumes.find(({ name }) => name === 'tls').secret.secretName, certificate.secretName);
    assert.ok(container(each).args.includes('--tls-cert-file=/etc/k0rdent-mcp/tls/tls.crt') && container(each).args.includes('--tls-key-file=/etc/k0rdent-mcp/tls/tls.key'));
    assert.ok(!container(each).args.includes('--behind-tls-proxy=on'));
    assert.equal(each('Service').spec.ports[0].appProtocol, 'https');
  }
  assert.ok(container(objects({})).args.includes('--behind-tls-proxy=on'));
});

test('pods that speak TLS are reached so by an ingress, and their certificate has the names that the issuer may sign', { skip }, () => {
  const annotation = 'nginx.ingress.kubernetes.io/backend-protocol';
  const ingress = (values) => objects({ ingress: { enabled: true, host: 'a.example' }, ...values })('Ingress').metadata.annotations;
  assert.equal(ingress({})[annotation], undefined);
  assert.equal(ingress({ tls: { existingSecret: 'x' } })[annotation], 'HTTPS');
  assert.equal(ingress({ tls: { existingSecret: 'x' } })['nginx.ingress.kubernetes.io/proxy-buffering'], 'off');
  assert.equal(ingress({ tls: { existingSecret: 'x' }, ingress: { enabled: true, host: 'a.example', annotations: { [annotation]: 'GRPCS' } } })[annotation], 'GRPCS');
  const get = objects(path.join(valuesDir, 'balancer.yaml'));
  assert.deepEqual(get('Certificate').spec.dnsNames, ['mcp.example.com'], 'ACME signs no names of the cluster');
  assert.match(container(get).args.find((arg) => arg.startsWith('--allowed-hosts=')), /,mcp\.example\.com,2001:db8::7$/, 'the name of auth.publicUrl, too');
  const both = objects({ allowedHosts: ['b.example', '192.0.2.1', '2001:db8::7'], tls: { certManager: { enabled: true, issuerRef: { name: 'x' } } } })('Certificate').spec;
  assert.ok(both.dnsNames.includes('b.example') && !both.dnsNames.includes('192.0.2.1'));
  assert.deepEqual(both.ipAddresses, ['192.0.2.1', '2001:db8::7']);
});

test('a label that is set twice stands there once: the chart\'s, then the pods\' or the monitor\'s, then the site\'s', { skip }, () => {
  const get = objects(path.join(valuesDir, 'balancer.yaml')); // the parser refuses a key that stands there twice
  const { labels } = get('Deployment').spec.template.metadata;
  assert.deepEqual([labels.team, labels['app.kubernetes.io/name']], ['agents', 'k0rdent-mcp']);
  assert.deepEqual(get('Service').spec.selector, get('Deployment').spec.selector.matchLabels);
  assert.equal(get('Service').metadata.labels.team, 'platform');
  const monitor = objects({ labels: { release: 'a', tier: 'x' }, serviceMonitor: { enabled: true, labels: { release: 'b', 'app.kubernetes.io/name': 'other' } } })('ServiceMonitor').metadata.labels;
  assert.deepEqual([monitor.release, monitor.tier, monitor['app.kubernetes.io/name']], ['b', 'x', 'k0rdent-mcp']);
});

test('the number of replicas can be an autoscaler\'s', { skip }, () => {
  const get = objects(path.join(valuesDir, 'balancer.yaml'));
  assert.ok(!('replicas' in get('Deployment').spec));
  assert.equal(get('Service').spec.sessionAffinity, 'ClientIP');
  assert.ok(get('PodDisruptionBudget'));
});

test('the network policy lets the server reach what its values name', { skip }, () => {
  const ports = (values) => objects(values)('NetworkPolicy').spec.egress[0].ports.filter(({ protocol, port }) => protocol === 'TCP' && port !== 53).map(({ port }) => port);
  assert.deepEqual(ports({}), [443, 6443]);
  assert.deepEqual(ports(path.join(valuesDir, 'balancer.yaml')), [443, 6443, 8443, 5000, 3128]);
  assert.deepEqual(ports(path.join(valuesDir, 'oauth.yaml')), [443, 6443], 'an issuer without a port');
});

test('where DNS pods listen on a port of their own, the network policy lets the server reach it', { skip }, () => {
  // The renderer knows the built-in APIs alone: one of them takes the place of OpenShift's.
  const openshift = path.join(dir, 'openshift'), file = path.join(openshift, 'templates/networkpolicy.yaml');
  fs.cpSync(chart, openshift, { recursive: true });
  const text = fs.readFileSync(file, 'utf8');
  assert.ok(text.includes('"security.openshift.io/v1"'));
  fs.writeFileSync(file, text.replace('"security.openshift.io/v1"', '"apps/v1"'));
  const dns = (of) => objectsEach([{ networkPolicy: { egressPorts: [6443] } }], { of })[0]('NetworkPolicy').spec.egress[0].ports.filter(({ port }) => port !== 6443).map(({ protocol, port }) => `${protocol} ${port}`);
  assert.deepEqual(dns(chart), ['UDP 53', 'TCP 53']);
  assert.deepEqual(dns(openshift), ['UDP 53', 'TCP 53', 'UDP 5353', 'TCP 5353']);
});

test('a proxy, an issuer and a catalog without a port are reached at the port of their scheme', { skip }, () => {
  const proxy = (value, name = 'HTTPS_PROXY') => ({ extraEnv: [{ name, value }] });
  const rows = [
    // As src/net/environment_proxy.cc reads them.
    ...[['http://proxy.example', 80], ['https://proxy.example/', 443], ['socks5://proxy.example', 1080], ['socks5h://proxy.example', 1080], ['proxy.example:3128', 3128], ['proxy.example', 80],
      ['http://user:12@proxy.example', 80], ['http://user:12@proxy.example:3128/', 3128], ['http://[2001:db8::1]', 80], ['http://[2001:db8::1]:3128', 3128], ['HTTP://proxy.example', 80]].map(([value, port]) => [proxy(value), [port]]),
    [proxy('proxy.example:3128', 'https_proxy'), [3128]],
    [proxy('10.0.0.0/8,a.example:99', 'NO_PROXY'), []],
    [{ auth: { mode: 'OAUTH', publicUrl: 'https://a.example/mcp', issuers: ['https://b.example/realms/ops', 'https://c.example:8443'] } }, [443, 8443]],
    [{ config: { 'catalog-url': 'http://localhost/index.json' } }, [80]],
    [{ config: { 'catalog-url': '/catalog/index.json' } }, []],
    // Each port once.
    [{ config: { 'catalog-url': 'https://mirror.example:6443/index.json' }, extraEnv: [{ name: 'HTTPS_PROXY', value: 'a:443' }, { name: 'https_proxy', value: 'https://a' }] }, [443]],
  ];
  for (const [at, get] of objectsEach(rows.map(([values]) => ({ networkPolicy: { egressPorts: [6443] }, ...values }))).entries()) {
    const ports = get('NetworkPolicy').spec.egress[0].ports.filter(({ protocol, port }) => protocol === 'TCP' && port !== 53 && port !== 6443).map(({ port }) => port);
    assert.deepEqual(ports, rows[at][1], JSON.stringify(rows[at][0]));
  }
});

test('names that look like numbers or truth stay names, a policy stays as it is, and numbers stay digits', { skip }, () => {
  const file = path.join(valuesDir, 'words.yaml');
  const all = parse(must('template', 'on', chart, '--namespace', '123', '--values', file));
  const get = (kind) => all.find((object) => object.kind === kind);
  assert.deepEqual(all.filter(({ kind }) => !kind.startsWith('Cluster')).map(({ metadata }) => metadata.namespace), all.filter(({ kind }) => !kind.startsWith('Cluster')).map(() => '123'));
  assert.equal(get('Service').spec.selector['app.kubernetes.io/instance'], 'on');
  assert.deepEqual(get('ConfigMap').data, { 'policy.yaml': '  rules:\n    - allow: [get]\n' });
  const { args } = get('Deployment').spec.template.spec.containers[0];
  for (const flag of ['--allow-writes=off', '--backoff-jitter=0.00001', '--backoff-factor=1.5', '--answer-bytes=65536', '--cluster-name=123']) assert.ok(args.includes(flag), `${flag} in ${args.join(' ')}`);
});

test('sections that an operator left empty are the defaults', { skip }, () => {
  const file = path.join(dir, 'empty.yaml');
  fs.writeFileSync(file, 'config:\n#  log-level: debug\nresources:\nglobal:\n  imagePullSecrets:\nlabels:\npodLabels:\npodAnnotations:\nextraEnv:\nsecurityContext:\n');
  const get = parse(render(file)).find(({ kind }) => kind === 'Deployment').spec.template.spec;
  assert.deepEqual(get.containers[0].resources, {});
  assert.equal(get.imagePullSecrets, undefined);
});

test('a release whose name has dots gets a Service', { skip }, () => {
  const [service] = parse(must('template', 'my.release', chart, '--namespace', 'mcp')).filter(({ kind }) => kind === 'Service');
  assert.equal(service.metadata.name, 'my-release-k0rdent-mcp');
});

test('health and metrics have a port of their own, which the Service has only for a monitor', { skip }, () => {
  const get = objects({});
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.equal(container(get)[probe].httpGet.port, 'ops');
  assert.ok(container(get).args.includes('--ops-listen=0.0.0.0:6768'));
  assert.deepEqual(get('Service').spec.ports.map(({ name }) => name), ['http']);
  const watched = objects(path.join(valuesDir, 'production.yaml'));
  assert.deepEqual(watched('Service').spec.ports.map(({ name }) => name), ['http', 'ops']);
  assert.equal(watched('ServiceMonitor').spec.endpoints[0].port, 'ops');
});

test('the notes have a line that connects a client', { skip }, () => {
  const set = (name) => path.join(valuesDir, `${name}.yaml`), ingress = { enabled: true, host: 'a.example' };
  const rows = [ // values, what the notes must say, what they must not
    // The lines can be pasted as they stand.
    [{}, /TOKEN=\$\([^]*claude mcp add --transport http k0rdent http:\/\/127\.0\.0\.1:6767\/mcp --header "Authorization: Bearer \$TOKEN"/, /claude mcp add[^]*TOKEN=\$\(/],
    [set('production'), /k0rdent https:\/\/mcp\.example\.com\/mcp/, /bound to no one|WARNING|allowedHosts/],
    [set('gateway'), /k0rdent https:\/\/mcp\.example\.com\/mcp[^]*BackendTLSPolicy/, /WARNING/],
    [set('trial'), /WARNING: auth\.mode is DEV_ALLOW_ANY/, /TOKEN/],
    [set('balancer'), /k0rdent https:\/\/mcp\.example\.com\/mcp/, /WARNING|allowedHosts/],
    [{ tls: { existingSecret: 'mine' } }, /k0rdent https:\/\/localhost:6767\/mcp [^]*trust the certificate in the Secret mine/, /WARNING/],
    [{ rbac: { presets: ['view'] } }, /ClusterRole mcp:mcp-k0rdent-mcp .*bound to no one/, /WARNING/],
    ...[{ type: 'NodePort' }, { extraSpec: { externalIPs: ['192.0.2.1'] } }].map((service) => [{ service }, /set allowedHosts[^]*WARNING: .*plain HTTP/, /clients come by/]),
    [{ ingress }, /WARNING: clients come by http:\/\/a\.example\/mcp, in which bearer tokens can be read on the way: set ingress\.tlsSecret, or auth\.publicUrl/, /plain HTTP/],
    [{ ingress, auth: { publicUrl: 'https://a.example/mcp' } }, /k0rdent https:\/\/a\.example\/mcp/, /WARNING/],
  ];
  for (const [at, { text }] of renderEach(rows.map(([values]) => values), { more: ['--show-notes'] }).entries()) {
    assert.match(text, rows[at][1]);
    assert.doesNotMatch(text, rows[at][2]);
  }
});

test('wrong values are refused by name', { skip }, () => {
  const rows = [
    [{ replicas: '3' }, /\/replicas.*got string, want null or integer/],
    [{ nosuch: 1 }, /additional properties 'nosuch' not allowed/],
    [{ image: { tagg: 'x' } }, /\/image.*additional properties 'tagg'/],
    [{ image: { digest: 'sha256:abc' } }, /\/image\/digest/],
    [{ auth: { mode: 'NONE' } }, /\/auth\/mode/],
    [{ rbac: { presets: ['everything'] } }, /\/rbac\/presets\/0/],
    [{ rbac: { presets: ['impersonate'] } }, /\/rbac\/presets\/0/],
    [{ rbac: { subjects: [{ kind: 'Robot', name: 'x' }] } }, /\/rbac\/subjects\/0\/kind/],
    [{ config: { 'max-session': 5 } }, /\/config.*additional properties 'max-session'/],
    [{ config: { listen: '0.0.0.0:80' } }, /\/config.*additional properties 'listen'/],
    [{ config: { 'allow-writes': 'true' } }, /\/config\/allow-writes/],
    [{ config: { 'allow-writes': [true] } }, /\/config\/allow-writes/],
    [{ config: { 'max-sessions': true } }, /\/config\/max-sessions/],
    [{ config: { 'cluster-name': ['a'] } }, /\/config\/cluster-name/],
    [{ config: { 'namespace-filter': ['a', 'b'] } }, /\/config\/namespace-filter.*got array, want number or string/],
    [{ config: { toolsets: [['core']] } }, /\/config\/toolsets/],
    [{ config: { 'cluster-name': { a: 1 } } }, /\/config\/cluster-name/],
    [{ service: { port: 70000 } }, /\/service\/port/],
    [{ allowedHosts: ['a,b'] }, /\/allowedHosts\/0/],
    [{ auth: { mode: 'DEV_ALLOW_ANY' }, ingress: { enabled: true, host: 'a.example' } }, /DEV_ALLOW_ANY.*cannot be used with ingress/],
    [{ auth: { mode: 'OAUTH', issuers: ['https://a.example'] } }, /OAUTH needs auth\.publicUrl/],
    [{ auth: { mode: 'OAUTH', publicUrl: 'https://a.example/mcp' } }, /OAUTH needs auth\.issuers/],
    [{ tls: { certManager: { enabled: true } } }, /needs tls\.certManager\.issuerRef\.name/],
    [{ replicas: 2, sealKey: { create: false } }, /more than one replica need a common key/],
    [{ ingress: { enabled: true } }, /ingress\.enabled needs ingress\.host/],
    [{ httpRoute: { enabled: true } }, /httpRoute\.enabled needs httpRoute\.hostnames/],
    [{ httpRoute: { enabled: true, hostnames: ['a.example'] } }, /httpRoute\.enabled needs httpRoute\.parentRefs/],
    // The server takes no patterns.
    [{ httpRoute: { enabled: true, hostnames: ['*.example'] } }, /\/httpRoute\/hostnames\/0/],
    [{ ingress: { enabled: true, host: '*.example' } }, /\/ingress\/host/],
    [{ allowedHosts: ['a.example:443'] }, /\/allowedHosts\/0/],
    [{ auth: { mode: 'DEV_ALLOW_ANY' }, service: { type: 'LoadBalancer' } }, /DEV_ALLOW_ANY.*cannot be used with service\.type LoadBalancer/],
    [{ auth: { mode: 'DEV_ALLOW_ANY' }, serviceAccount: { create: false } }, /every pod's: set serviceAccount\.create or serviceAccount\.name/],
    [{ auth: { issuers: ['https://a.example'] } }, /auth\.issuers are those of auth\.mode OAUTH/],
    [{ rbac: { subjects: [{ kind: 'Group', name: 'x' }] } }, /rbac\.subjects get no rights/],
    [{ config: { 'drain-timeout': '30s' } }, /terminationGracePeriodSeconds \(30\) must be more than drain-timeout \(30 s\)/],
    [{ fullnameOverride: 'a.b' }, /\/fullnameOverride/],
    [{ fullnameOverride: '1a' }, /\/fullnameOverride/],
    [{ extraEnv: [{ name: 'A', value: 1 }] }, /\/extraEnv\/0\/value.*got number, want string/],
    [{ networkPolicy: null }, /missing property 'networkPolicy'/],
    [{ service: { extraSpec: { selector: {} } } }, /invalid propertyName 'selector'/],
    [{ auth: { mode: 'DEV_ALLOW_ANY' }, service: { extraSpec: { externalIPs: ['192.0.2.1'] } } }, /DEV_ALLOW_ANY.*cannot be used with externalIPs/],
    [{ serviceMonitor: { enabled: true }, service: { port: 6768 } }, /service\.port 6768 is that of the metrics/],
    // A load balancer may end TLS: only then is the URL of another scheme than the ingress's own.
    [{ auth: { mode: 'OAUTH', issuers: ['https://a.example'] }, ingress: { enabled: true, host: 'b.example' } }, /needs a public URL with https:\/\/, and has http:\/\/b\.example\/mcp: set ingress\.tlsSecret, or auth\.publicUrl/],
    [{ auth: { mode: 'OAUTH', issuers: ['https://a.example'], publicUrl: 'http://b.example/mcp' } }, /needs a public URL with https:\/\//],
    [{ auth: { mode: 'OAUTH', issuers: ['https://a.example'], publicUrl: 'https://b.example:443/mcp' } }, /must be without :443/],
    ...['https://b.example/mcp/', 'https://b.example/', 'https://B.example/mcp', 'HTTPS://b.example/mcp', 'https://user:pw@b.example/mcp', 'https://b.example/mcp?a', 'b.example/mcp'].map((publicUrl) => [{ auth: { publicUrl } }, /\/auth\/publicUrl/]),
    ...['http://a.example', 'https://u@a.example', 'https://a.example?b', 'a.example'].map((issuer) => [{ auth: { mode: 'OAUTH', publicUrl: 'https://b.example/mcp', issuers: [issuer] } }, /\/auth\/issuers\/0/]),
    ...[30, '30', '30 s', '-1s', ''].map((time) => [{ config: { 'session-idle': time } }, /\/config\/session-idle/]),
    [{ config: { 'max-sessions': 1.5 } }, /\/config\/max-sessions/],
    [{ config: { 'max-body': '1Mi' } }, /\/config\/max-body/],
    [{ config: { 'backoff-factor': 'two' } }, /\/config\/backoff-factor/],
    [{ config: { confirm: 'sometimes' } }, /\/config\/confirm/],
    [{ config: { 'catalog-url': 'http://mirror.example/index.json' } }, /\/config\/catalog-url/],
    [{ config: { 'catalog-cache-dir': 'cache' } }, /\/config\/catalog-cache-dir/],
    [{ config: { 'show-secrets': true } }, /\/config.*additional properties 'show-secrets'/],
    [{ config: { 'tls-client-ca-file': '/x/ca.crt' } }, /tls-client-ca-file in config needs tls\.certManager or tls\.existingSecret/],
    [{ config: { 'audit-key-file': '/x/key' } }, /audit-key-file in config is of use only with audit-file or allow-writes/],
    [{ config: { 'oauth-service-accounts': true } }, /oauth-service-accounts in config is of auth\.mode OAUTH/],
    [{ config: { 'caller-credentials': 'exchange' } }, /caller-credentials in config is of auth\.mode OAUTH/],
    [{ auth: { mode: 'OAUTH', publicUrl: 'https://a.example/mcp' }, config: { 'oauth-service-accounts': false } }, /OAUTH needs auth\.issuers/],
    ...['::', 'localhost', '0.0.0.0:80', ''].map((listenAddress) => [{ listenAddress }, /\/listenAddress/]),
    ...['https://registry.example', 'oci://registry.example/mirror', 'registry.example/Mirror', 'a b'].flatMap((registry) => [[{ global: { registry } }, /\/global\/registry/], [{ image: { registry } }, /\/image\/registry/]]),
    ...['K0rdent-MCP', 'k0rdent-mcp:1', '/k0rdent-mcp', ''].map((repository) => [{ image: { repository } }, /\/image\/repository/]),
  ];
  const answers = renderEach(rows.map(([values]) => values));
  for (const [at, [values, error]] of rows.entries()) {
    assert.ok(answers[at].error, `${JSON.stringify(values)} is taken`);
    assert.match(answers[at].error, error);
  }
  const digit = helm('template', '1', chart, '--namespace', 'mcp');
  assert.match(digit.stderr, /"1-k0rdent-mcp" does not: set fullnameOverride/);
});

test('values that the documents tell are taken, and name the image that they have pushed', { skip }, () => {
  const text = (file) => fs.readFileSync(path.join(root, file), 'utf8');
  const install = text('doc/INSTALL.md');
  const [, most] = /What most sites set:\n\n```yaml\n([^]*?)```/.exec(install);
  const [, oauth] = /\*\*OAuth\*\* .*: `(auth: .*?)`/.exec(install);
  for (const values of [most, oauth]) assert.ok(objects(parse(values)[0])('Deployment'), values);
  const { properties } = JSON.parse(text('deploy/chart/values.schema.json'));
  for (const file of fs.readdirSync(path.join(root, 'deploy/replicas'))) {
    for (const [word, flag] of text(`deploy/replicas/${file}`).matchAll(/\bconfig\.([a-z-]+)/g)) assert.ok(properties.config.properties[flag], `${file}: ${word}`);
  }
  for (const [file, name] of [['README.md', 'REGISTRY'], ['doc/INSTALL.md', 'registry.example']]) {
    const [, pushed] = /skopeo copy --all \S+ docker:\/\/([^`]*)`/.exec(text(file));
    const [, registry] = /helm install [^`]*--set global\.registry=([^`]*)`/.exec(text(file));
    assert.equal(registry, name);
    assert.equal(container(objects({ global: { registry } })).image, pushed, file);
  }
});

// Flags that other values of the chart set.
const OWN = ['allowed-hosts', 'auth-mode', 'config', 'listen', 'log-format', 'memory-limit', 'ops-listen', 'policy-file', 'seal-key-file',
  'behind-tls-proxy', 'oauth-issuer', 'public-url', 'tls-cert-file', 'tls-key-file'];
// Flags that have no meaning in a pod, and one that the server refuses where others reach it.
const ELSEWHERE = ['context', 'kubeconfig', 'pid-file', 'help', 'version', 'show-secrets'];
// What the server takes, by the word for the value in its help, and for some flags more closely.
const KINDS = {
  LIST: 'list', DURATION: 'duration', N: 'count', BYTES: 'count', NUMBER: 'number',
};
const DEFINITIONS = {
  switch: { enum: [true, false, 'on', 'off'] },
  list: { type: ['string', 'array'], items: { type: 'string', minLength: 1 } },
  duration: { type: 'string', pattern: '^(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h))+)$' },
  count: { type: ['integer', 'string'], minimum: 0, pattern: '^[0-9]+$' },
  number: { type: ['number', 'string'], minimum: 0, pattern: '^[0-9]+(\\.[0-9]+)?$' },
  text: { type: ['string', 'number'], minLength: 1 },
};
const CLOSER = {
  'catalog-cache-dir': { type: 'string', pattern: '^(/.*|none)$' },
  'catalog-url': { type: 'string', pattern: '^(https://[^ ]+|http://(localhost|127\\.[0-9.]+|\\[::1\\])([:/][^ ]*)?|(file://)?/.*)$' },
  'log-level': { enum: ['debug', 'info', 'warn', 'error'] },
  'system-namespace': { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
};
function kindOf(name, value) {
  if (CLOSER[name]) return CLOSER[name];
  const words = value.replace(/^\[(.*)\]$/, '$1').split('|');
  if (words.length > 1 && words.join() !== 'on,off' && words.every((word) => /^[a-z]+$/.test(word))) return { enum: words };
  return { $ref: `#/definitions/${words.join() === 'on,off' ? 'switch' : KINDS[value] ?? 'text'}` };
}

// UPDATE_CHART=1 writes it anew.
test('config takes every flag of the server that is not the chart\'s own', async () => {
  const file = path.join(chart, 'values.schema.json');
  const schema = JSON.parse(fs.readFileSync(file, 'utf8'));
  const { stdout } = await invoke(['serve', '--help']);
  const flags = new Map([...stdout.matchAll(/^ +--([a-z][a-z-]*)(?: (.*))?/gm)].map(([, name, value]) => [name, value]).filter(([name]) => !OWN.includes(name) && !ELSEWHERE.includes(name)));
  assert.ok(flags.size > 40, stdout);
  schema.definitions = DEFINITIONS;
  schema.properties.config.properties = Object.fromEntries([...flags.keys()].sort().map((name) => [name, kindOf(name, flags.get(name))]));
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env.UPDATE_CHART) fs.writeFileSync(file, text);
  assert.equal(fs.readFileSync(file, 'utf8'), text, 'make it again: UPDATE_CHART=1 test/e2e/run.mjs chart.test.mjs');
});

const PRESETS = ['view', 'view-with-secrets', 'logs', 'operate', 'admin'];
// UPDATE_CHART=1 writes them anew.
test('the rules of each preset are what the server says that its tools need', async () => {
  for (const preset of [...PRESETS, 'impersonate']) {
    const file = path.join(chart, `files/rbac/${preset}.yaml`);
    const { stdout, code } = await invoke(['rbac', preset]);
    assert.equal(code, 0, preset);
    if (process.env.UPDATE_CHART) fs.writeFileSync(file, stdout);
    assert.equal(fs.readFileSync(file, 'utf8'), stdout, 'make it again: UPDATE_CHART=1 test/e2e/run.mjs chart.test.mjs');
  }
});

test('the chart has the version of the tree', () => {
  const [, version] = /^VERSION := (.*)$/m.exec(fs.readFileSync(path.join(root, 'Makefile'), 'utf8'));
  const [about] = parse(fs.readFileSync(path.join(chart, 'Chart.yaml'), 'utf8'));
  assert.deepEqual([about.version, about.appVersion], [version, version]);
});

// UPDATE_CHART=1 writes it anew.
test('the plain manifests are what the chart renders by default, without a key', { skip }, () => {
  const file = path.join(root, 'deploy/kustomize/k0rdent-mcp.yaml');
  const rendered = must('template', 'k0rdent-mcp', chart, '--namespace', 'k0rdent-mcp', '--values', asFile({ sealKey: { create: false } }));
  const text = rendered.replace(/^# Source: .*\n/gm, '').replace(/^ +(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm, '');
  if (process.env.UPDATE_CHART) fs.writeFileSync(file, text);
  assert.equal(fs.readFileSync(file, 'utf8'), text, 'make it again: UPDATE_CHART=1 test/e2e/run.mjs chart.test.mjs');
  const kubectl = spawnSync('kubectl', ['kustomize', path.dirname(file)], { encoding: 'utf8' });
  if (kubectl.error) return; // not among the tests' packages
  assert.equal(kubectl.status, 0, kubectl.stderr);
  assert.equal(parse(kubectl.stdout).length, parse(text).length + 1);
});

// install.test.mjs tries them in an API server that has k0rdent's kinds.
test('the objects by which k0rdent installs the chart name its version', { skip }, () => {
  const [, version] = /^VERSION := (.*)$/m.exec(fs.readFileSync(path.join(root, 'Makefile'), 'utf8'));
  const [repository, template, service] = parse(fs.readFileSync(path.join(root, 'deploy/k0rdent/k0rdent-mcp.yaml'), 'utf8'));
  const { chartSpec } = template.spec.helm;
  assert.equal(chartSpec.version, version);
  assert.equal(chartSpec.sourceRef.name, repository.metadata.name);
  assert.equal(template.metadata.name, `k0rdent-mcp-${version.replaceAll('.', '-')}`);
  const [installed] = service.spec.serviceSpec.services;
  assert.equal(installed.template, template.metadata.name);
  must('template', 'mcp', chart, '--values', asFile(parse(installed.values)[0]));
});

// ---- in a real API server

const cluster = Cluster.shared();
test.after(() => cluster.kube.close());
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };
/** Kinds whose definitions this API server has not. */
const FOREIGN = ['ServiceMonitor', 'HTTPRoute', 'Certificate'];
const PLURALS = { NetworkPolicy: 'networkpolicies', Ingress: 'ingresses' };
function pathOf({ apiVersion, kind, metadata }) {
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  return metadata.namespace ? `${base}/namespaces/${metadata.namespace}/${plural}` : `${base}/${plural}`;
}
const dryRun = (object) => cluster.kube.ask('POST', `${pathOf(object)}?dryRun=All&fieldValidation=Strict`, object);

test('the API server accepts every object, and the pod in a namespace that is restricted', { skip }, async () => {
  const namespace = await cluster.kube.namespace('chart', RESTRICTED);
  for (const file of sets) {
    const all = parse(must('template', 'mcp', chart, '--namespace', namespace, '--values', file)).filter(({ kind }) => !FOREIGN.includes(kind));
    assert.ok(all.length >= 3, `${all.length} objects`);
    for (const object of all) {
      const answer = await dryRun(object);
      assert.equal(answer.status, 201, `${path.basename(file)} ${object.kind}: ${JSON.stringify(answer.body)}`);
    }
    const { spec } = all.find(({ kind }) => kind === 'Deployment').spec.template;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mcp', namespace }, spec };
    if (!spec.priorityClassName) assert.equal((await dryRun(pod)).status, 201, path.basename(file));
    spec.containers[0].securityContext.allowPrivilegeEscalation = true;
    assert.equal((await dryRun(pod)).status, 403, 'the namespace is restricted');
  }
});

test('the API server accepts every object in namespaces, and of releases, whose names look like numbers or truth', { skip }, async () => {
  for (const [release, namespace] of [['on', '123'], ['123', 'on'], ['1e3', '1e3']]) {
    await cluster.kube.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    for (const file of ['words.yaml', 'production.yaml']) {
      const values = file === 'words.yaml' ? path.join(valuesDir, file) : asFile({ ...parse(fs.readFileSync(path.join(valuesDir, file), 'utf8'))[0], fullnameOverride: 'yes' });
      for (const object of parse(must('template', release, chart, '--namespace', namespace, '--values', values)).filter(({ kind }) => !FOREIGN.includes(kind))) {
        const answer = await dryRun(object);
        assert.equal(answer.status, 201, `${release} in ${namespace}, ${file}, ${object.kind}: ${JSON.stringify(answer.body)}`);
      }
    }
    await cluster.kube.ask('DELETE', `/api/v1/namespaces/${namespace}`);
  }
});

test('a caller of each preset may do what it says, and no more', { skip }, async () => {
  const rows = [ // verb, group, resource, the presets that allow it
    ['list', 'k0rdent.mirantis.com', 'clusterdeployments', ['view', 'view-with-secrets', 'operate', 'admin']],
    ['watch', '', 'events', ['view', 'view-with-secrets', 'operate', 'admin']],
    ['get', '', 'secrets', ['view-with-secrets', 'admin']],
    ['get', '', 'pods/log', ['logs', 'operate', 'admin']],
    ['create', 'k0rdent.mirantis.com', 'clusterdeployments', ['operate', 'admin']],
    ['delete', 'k0rdent.mirantis.com', 'clusterdeployments', ['admin']],
    ['create', '', 'configmaps', ['admin']],
  ];
  const namespace = await cluster.kube.namespace('presets');
  for (const preset of PRESETS) {
    const group = `${namespace}-${preset}`;
    const get = parse(must('template', `mcp-${preset}`, chart, '--namespace', namespace, '--values', asFile({ rbac: { presets: [preset], subjects: [{ kind: 'Group', name: group }] } })));
    for (const object of get.filter(({ kind }) => kind.startsWith('ClusterRole'))) await cluster.kube.create(pathOf(object), object);
    const may = async (verb, apiGroup, resource) => {
      const [name, subresource] = resource.split('/');
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: 'someone', groups: [group], resourceAttributes: { verb, group: apiGroup, resource: name, subresource, namespace: 'default' } } };
      return (await cluster.kube.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', review)).status.allowed;
    };
    await until(`${preset} to be in force`, () => may('create', 'authorization.k8s.io', 'selfsubjectaccessreviews'));
    for (const [verb, apiGroup, resource, allowed] of rows) assert.equal(await may(verb, apiGroup, resource), allowed.includes(preset), `${preset}: ${verb} ${resource}`);
  }
});

test('with OAUTH the pod may impersonate, and nothing else is bound to it', { skip }, () => {
  const auth = { mode: 'OAUTH', publicUrl: 'https://mcp.example/mcp', issuers: ['https://a.example', 'https://b.example/r'] };
  const get = objects({ auth, rbac: { presets: ['admin'], subjects: [{ kind: 'Group', name: 'ops' }] } });
  const bound = get.all.filter(({ kind, subjects }) => kind === 'ClusterRoleBinding' && subjects.some((each) => each.kind === 'ServiceAccount'));
  const flags = container(get).args.filter((arg) => /^--(auth-mode|public-url|oauth-)/.test(arg));
  assert.deepEqual(flags, ['--auth-mode=OAUTH', '--public-url=https://mcp.example/mcp', '--oauth-issuer=https://a.example', '--oauth-issuer=https://b.example/r']);
  assert.deepEqual(bound.map(({ roleRef }) => roleRef.name), ['mcp:mcp-k0rdent-mcp:impersonate']);
});

test('where tokens are exchanged the pod may impersonate nobody, unless service accounts log in, too', { skip }, () => {
  const auth = { mode: 'OAUTH', publicUrl: 'https://mcp.example/mcp', issuers: ['https://a.example'] };
  const exchange = { 'caller-credentials': 'exchange', 'exchange-client-id': 'mcp', 'exchange-secret-file': '/etc/issuer/secret', 'exchange-audience': 'kubernetes' };
  const roles = (config) => objects({ auth, config }).all.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.endsWith(':impersonate'));
  assert.equal(roles(exchange).length, 0);
  assert.equal(roles({ ...exchange, 'oauth-service-accounts': true }).length, 1);
  assert.equal(roles({ 'caller-credentials': 'impersonate' }).length, 1);
});

test('a release is installed, upgraded, rolled back and uninstalled; its key stays the same', { skip }, async () => {
  const namespace = await cluster.kube.namespace('release', RESTRICTED);
  const kubeconfig = cluster.kubeconfig({ token: cluster.tokens.harness });
  const act = (verb, ...args) => must(verb, 'mcp', ...args, '--namespace', namespace, '--kubeconfig', kubeconfig);
  const base = `/apis/apps/v1/namespaces/${namespace}/deployments/mcp-k0rdent-mcp`;
  const seal = async () => (await cluster.kube.get(`/api/v1/namespaces/${namespace}/secrets/mcp-k0rdent-mcp-seal`)).data['seal-key'];
  const budgets = async () => (await cluster.kube.get(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`)).items.length;

  act('install', chart);
  const key = await seal();
  assert.ok(Buffer.from(key, 'base64').length >= 32, 'as --seal-key-file wants it');
  assert.equal(await budgets(), 0);

  act('upgrade', chart, '--values', asFile({ replicas: 3, config: { 'log-level': 'debug' } }));
  assert.equal((await cluster.kube.get(base)).spec.replicas, 3);
  assert.equal(await budgets(), 1);
  assert.equal(await seal(), key);

  // Its name may change: what it seals stays.
  act('upgrade', chart, '--values', asFile({ sealKey: { key: 'token' } }));
  assert.deepEqual((await cluster.kube.get(`/api/v1/namespaces/${namespace}/secrets/mcp-k0rdent-mcp-seal`)).data, { token: key });

  act('rollback', '1');
  assert.equal((await cluster.kube.get(base)).spec.replicas, 1);
  assert.equal(await budgets(), 0);
  assert.equal(await seal(), key);

  act('uninstall');
  const label = encodeURIComponent('app.kubernetes.io/instance=mcp');
  for (const kind of ['api/v1|secrets', 'api/v1|services', 'api/v1|serviceaccounts', 'apis/apps/v1|deployments', 'apis/networking.k8s.io/v1|networkpolicies']) {
    const [group, plural] = kind.split('|');
    const { items } = await cluster.kube.get(`/${group}/namespaces/${namespace}/${plural}?labelSelector=${label}`);
    assert.deepEqual(items.map(({ metadata }) => metadata.name), [], plural);
  }
});

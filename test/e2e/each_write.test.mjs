// Each tool that writes, on a real API server, in each case: good, dry run, another's fields or object, an object that changed since it was
// looked at, a user who lacks just the right, a policy file, an admission policy, bad input, an API server that fails before, during and after
// the write, a call that is cancelled, and the same call again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { FIXTURES, IDENTITY_CRDS, OWN_CRDS, REAL_CRDS, loadCrds, loadObjects, readFolder } from './lib/fixtures.mjs';
import { Product, SANDBOX } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { Relay } from './lib/relay.mjs';
import { WRITES } from './lib/tools.mjs';
import { until } from './lib/wait.mjs';
import { HELM_REPOSITORIES, IDENTITIES, NS, credentialAt, makeTemplate, prepare, writeRows } from './lib/write_rows.mjs';

const real = fs.existsSync(REAL_CRDS);
const dir = fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'each-write-'));
const cluster = await Cluster.start(dir);
test.after(() => cluster.stop());
const { kube } = cluster;
if (!real) await kube.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', HELM_REPOSITORIES);
await loadCrds(kube, ...(real ? [REAL_CRDS, path.join(REAL_CRDS, 'external')] : [OWN_CRDS]));
const known = new Set((await kube.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).items.map(({ metadata }) => metadata.name));
await loadCrds(kube, readFolder(IDENTITY_CRDS).filter(({ metadata }) => !known.has(metadata.name)));
await loadObjects(kube, readFolder(FIXTURES));
await prepare(kube);
const rows = writeRows(kube);

/** What the API server keeps: key → revision, without what it writes by itself. */
async function store() {
  const all = await cluster.revisions();
  for (const key of all.keys()) if (/^\/registry\/(leases|masterleases|configmaps\/kube-system|endpointslices|services)\//.test(key)) all.delete(key);
  return all;
}
const unchanged = async (before, what) => assert.deepEqual(await store(), before, `${what}: the store`);

/** Calls a tool: {status, text, error, …structured}. */
async function call(session, tool, args) {
  const answer = await session.client.callTool({ name: tool, arguments: args });
  return { error: answer.isError === true, text: answer.content.map(({ text }) => text).join('\n'), ...answer.structuredContent };
}
/** With all that confirms it. */
async function sure(session, tool, args) {
  const first = await call(session, tool, args);
  return first.status === 'confirmation_required' ? call(session, tool, { ...args, confirm: first.confirm }) : first;
}
const refused = (answer, words, what) => {
  assert.ok(answer.error, `${what}: ${answer.text}`);
  assert.match(answer.text, words, what);
};
/** Each row in turn, with a name for its objects. */
async function each(t, what, some) {
  for (const [i, row] of rows.entries()) await t.test(row.tool, () => some(row, `${what}-${i}`));
}
const writing = ['--allow-writes', '--confirm', 'always'];

test('the table has every tool that writes', () => {
  assert.deepEqual(rows.map(({ tool }) => tool).sort(), [...WRITES].sort());
});

test('a good write is confirmed, made, and made once', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  await each(t, 'good', async ({ tool, make, args, where, status, again, verb }, name) => {
    await make(name);
    const before = await store();
    const shown = await call(session, tool, args(name));
    assert.equal(shown.status, 'confirmation_required', shown.text);
    await unchanged(before, 'before it is confirmed');
    const made = await call(session, tool, { ...args(name), confirm: shown.confirm });
    assert.equal(made.status, status, made.text);
    assert.match(made.text, /^cluster \S+: (created|updated|deleted|deleting) /);
    const object = await kube.ask('GET', where(name));
    if (status === 'deleted') assert.equal(object.status, 404);
    else if (verb === 'delete') assert.ok(object.body.metadata.deletionTimestamp);
    else if (tool.endsWith('remove')) assert.deepEqual(object.body.spec.serviceSpec.services ?? [], []); // who takes away owns nothing
    else assert.ok(object.body.metadata.managedFields.some(({ manager }) => manager === 'mcp.clusters'), JSON.stringify(object.body.metadata));
    const after = await store();
    assert.notDeepEqual(after, before);
    const repeated = await sure(session, tool, args(name));
    assert.match(repeated.status ?? repeated.text, again instanceof RegExp ? again : new RegExp(`^${again}$`), repeated.text);
    if (typeof again === 'string') await unchanged(after, 'the same call again');
  });
});

test('a dry run of each changes nothing at all', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  await each(t, 'dry', async ({ tool, make, args }, name) => {
    await make(name);
    const before = await store();
    const shown = await call(session, tool, { ...args(name), dryRun: true });
    assert.equal(shown.status, 'dry_run', shown.text);
    assert.match(shown.text, /dry run, nothing was written/);
    await unchanged(before, 'a dry run');
  });
});

test('what is another\'s is left, by each', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] }), { t });
  await each(t, 'rival', async ({ tool, make, args, rival, says, verb }, name) => {
    // A deletion takes no fields; its confirmation names what goes.
    if (!rival) return assert.equal(verb, 'delete', `${tool} has no rival`);
    await make(name);
    await rival(name);
    const before = await store();
    refused(await call(session, tool, args(name)), says, tool);
    await unchanged(before, 'a conflict');
  });
});

test('an object that changed since it was looked at is shown again', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  await each(t, 'stale', async ({ tool, make, args, where, rival, verb }, name) => {
    await make(name);
    const shown = await call(session, tool, args(name));
    assert.equal(shown.status, 'confirmation_required', shown.text);
    const there = (await kube.ask('GET', where(name))).status === 200;
    if (there) await kube.merge(where(name), { metadata: { labels: { touched: 'yes' } } });
    else await rival(name);
    const before = await store();
    const stale = await call(session, tool, { ...args(name), confirm: shown.confirm });
    if (there) {
      assert.equal(stale.status, 'confirmation_required', stale.text);
      assert.match(stale.text, /not confirmed: /);
    } else {
      assert.ok(stale.error, stale.text);
    }
    await unchanged(before, 'a stale confirmation');
    if (!there || verb !== 'delete') return;
    // Another object of the same name and content is not the one that was shown.
    const again = await call(session, tool, args(name)), object = await kube.get(where(name));
    if (object.metadata.finalizers) await kube.merge(where(name), { metadata: { finalizers: null } });
    await kube.delete(where(name));
    const { uid, resourceVersion, creationTimestamp, generation, managedFields, ...metadata } = object.metadata;
    await kube.create(where(name).slice(0, where(name).lastIndexOf('/')), { ...object, metadata });
    const other = await store();
    assert.equal((await call(session, tool, { ...args(name), confirm: again.confirm })).status, 'confirmation_required');
    await unchanged(other, 'another of the name');
  });
});

test('an agent that ignores every warning writes nothing: words, another call\'s token and a changed one confirm nothing', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  let others = 'none yet';
  await each(t, 'careless', async ({ tool, make, args }, name) => {
    await make(name);
    const before = await store();
    const { confirm } = await call(session, tool, args(name));
    for (const given of [undefined, 'yes', 'I am sure', others, `${confirm}x`, confirm.split('.')[0]]) {
      const answer = await call(session, tool, { ...args(name), ...(given && { confirm: given }) });
      assert.equal(answer.status, 'confirmation_required', `${given}: ${answer.text}`);
    }
    await unchanged(before, 'a careless agent');
    others = confirm;
  });
});

/** A user who may read all and write what the rows write, but for one verb of one kind. */
async function userWithout(verb, group, plural) {
  const name = `no-${verb}-${plural}`, rbac = '/apis/rbac.authorization.k8s.io/v1';
  const kinds = [...new Set([...rows.map((row) => `${row.plural}.${row.group}`), 'helmrepositories.source.toolkit.fluxcd.io'])];
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }, ...kinds.map((kind) => {
    const [resource, ...rest] = kind.split('.'), of = rest.join('.');
    return { apiGroups: [of], resources: [resource], verbs: ['create', 'patch', 'delete'].filter((some) => some !== verb || of !== group || resource !== plural) };
  })];
  await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts`, { metadata: { name } });
  await kube.create(`${rbac}/clusterroles`, { metadata: { name }, rules });
  await kube.create(`${rbac}/clusterrolebindings`, {
    metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', name, namespace: NS }],
  });
  const { status } = await kube.create(`/api/v1/namespaces/${NS}/serviceaccounts/${name}/token`, { spec: { expirationSeconds: 3600 } });
  const mine = cluster.as(status.token);
  await until('the rights to be known', async () => (await mine.ask('GET', '/api/v1/namespaces')).status === 200);
  mine.close();
  return status.token;
}

test('a user who lacks the one right is told which, and nothing is written', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, ...writing], env: { AUTH_MODE: 'OIDC_REQUIRED' } });
  const sessions = new Map();
  await each(t, 'rights', async ({ tool, make, args, verb, group, plural }, name) => {
    const right = `${verb} ${plural}`;
    if (!sessions.has(right)) sessions.set(right, await Session.open(product, { t, token: await userWithout(verb, group, plural) }));
    await make(name);
    const before = await store();
    const answer = await call(sessions.get(right), tool, args(name));
    refused(answer, /forbidden/, tool);
    assert.match(answer.text, new RegExp(`resources: \\[${plural}\\], verbs: \\[${verb}\\]`), tool);
    await unchanged(before, right);
  });
  // The others' writes are this user's: what was missing is the one right.
  const { tool, make, args, status } = rows.find(({ tool }) => tool.endsWith('objects.scale'));
  await make('rights-all');
  const made = await sure(sessions.get('patch configmaps'), tool, args('rights-all'));
  assert.equal(made.status, status, made.text);
});

test('a policy file stops each, by its rule and line', async (t) => {
  const file = path.join(dir, 'policy.yaml');
  fs.writeFileSync(file, 'rules:\n- {name: frozen, effect: deny, verbs: [write], names: ["frozen-*"]}\n- {name: frozen-too, effect: deny, verbs: [write], namespaces: ["frozen-*"]}\n- {effect: allow}\n');
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing, '--policy-file', file] }), { t });
  await each(t, 'frozen', async ({ tool, make, args }, name) => {
    await make(name);
    const before = await store();
    refused(await call(session, tool, args(name)), /rule (1 \(frozen\), line 2|2 \(frozen-too\), line 3)/, tool);
    await unchanged(before, 'policy');
  });
});

test('an admission policy stops each, in its own words', async (t) => {
  const base = '/apis/admissionregistration.k8s.io/v1', name = 'guard';
  const of = (what) => `(has(${what}.metadata.name) && ${what}.metadata.name.startsWith('guarded-') || has(${what}.metadata.namespace) && ${what}.metadata.namespace.startsWith('guarded-'))`;
  await kube.create(`${base}/validatingadmissionpolicies`, {
    metadata: { name }, spec: {
      failurePolicy: 'Fail', matchConditions: [{ name: 'not-our-hands', expression: "request.userInfo.username != 'harness'" }],
      matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['*'] }] },
      validations: [{ expression: `object == null ? !${of('oldObject')} : !${of('object')}`, message: 'not on a Friday' }],
    },
  });
  await kube.create(`${base}/validatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } });
  t.after(() => kube.delete(`${base}/validatingadmissionpolicybindings/${name}`));
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  const probe = { manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'guarded-probe', namespace: 'team-a' } }, dryRun: true };
  await until('the policy is in force', async () => (await call(session, 'k0rdent.mgmt.objects.apply', probe)).error);
  await each(t, 'guarded', async ({ tool, make, args }, name) => {
    await make(name);
    const before = await store();
    refused(await call(session, tool, args(name)), /not on a Friday/, tool);
    await unchanged(before, 'admission');
  });
});

test('bad input is refused by its field, and the API server is not asked to write', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, ...writing] });
  const session = await Session.open(product, { t });
  const { tools } = await session.client.listTools();
  const before = await store();
  await each(t, 'bad', async ({ tool, args }, name) => {
    const { properties, required } = tools.find((each) => each.name === tool).inputSchema;
    const good = args(name);
    for (const [field, { type }] of Object.entries(properties)) {
      const answer = await call(session, tool, { ...good, [field]: type === 'string' ? 7 : 'no such thing: [' });
      refused(answer, new RegExp(`'${field}`), `${tool} ${field}`);
    }
    for (const field of required) {
      const { [field]: left, ...rest } = good;
      refused(await call(session, tool, rest), new RegExp(`'${field}'`), `${tool} without ${field}`);
    }
    refused(await call(session, tool, { ...good, nmae: 1 }), /unknown argument 'nmae'/, tool);
  });
  await unchanged(before, 'bad input');
  const writes = cluster.audit.entries(({ user, verb }) => user.username === product.user.name && /^(create|patch|update|delete)$/.test(verb));
  assert.deepEqual(writes.filter(({ objectRef }) => !/reviews$/.test(objectRef.resource)).map(({ requestURI }) => requestURI), []);
});

test('an API server that fails before, during or after a write is asked once, and what became of it is said', async (t) => {
  const relay = await Relay.before(cluster);
  const session = await Session.open(await Product.start(t, { cluster, url: relay.url, args: [...SANDBOX, ...writing] }), { t });
  t.after(() => relay.close());
  await each(t, 'ill', async ({ tool, make, args }, name) => {
    await make(name);
    const before = await store();
    relay.writes = 'ill';
    refused(await call(session, tool, args(name)), /etcd is ill/, tool);
    await unchanged(before, 'ill');
    relay.writes = 'pass';
  });
  const before = await store();
  // What was lost is looked for until the API server would have given up on it: all at once.
  await t.test('lost', async () => {
    const confirmed = await Promise.all(rows.map(({ tool, args }, i) => call(session, tool, args(`ill-${i}`))));
    Object.assign(relay, { writes: 'lost', sent: [] });
    const answers = await Promise.all(rows.map(({ tool, args }, i) => call(session, tool, { ...args(`ill-${i}`), confirm: confirmed[i].confirm })));
    for (const [i, { tool }] of rows.entries()) refused(answers[i], /not made|cannot know whether this was made/, tool);
    assert.equal(relay.sent.length, rows.length);
    assert.equal(new Set(relay.sent.map(({ body, url }) => body + url)).size, rows.length);
    await unchanged(before, 'lost');
    relay.writes = 'pass';
  });
  await each(t, 'ill', async ({ tool, args, status }, name) => {
    const { confirm } = await call(session, tool, args(name));
    Object.assign(relay, { writes: 'unanswered', sent: [] });
    const answer = await call(session, tool, { ...args(name), confirm });
    relay.writes = 'pass';
    // An apply whose answer is lost cannot be told from a change.
    assert.ok([status, 'updated'].includes(answer.status), answer.text);
    assert.ok(relay.sent.length > 0);
    assert.equal(new Set(relay.sent.map(({ url }) => url)).size, relay.sent.length, `${tool} is sent once`);
  });
});

test('a call that is cancelled before its write writes nothing', async (t) => {
  const product = await Product.start(t, { cluster, args: [...SANDBOX, ...writing] });
  const session = await Session.open(product, { t });
  const confirmed = [];
  for (const [i, { tool, make, args }] of rows.entries()) {
    await make(`given-up-${i}`);
    const { confirm } = await call(session, tool, args(`given-up-${i}`));
    confirmed.push({ name: tool, arguments: { ...args(`given-up-${i}`), confirm } });
  }
  const before = await store();
  cluster.freeze();
  try {
    const waits = confirmed.map((params) => {
      const patience = new AbortController();
      return { patience, ended: session.client.callTool(params, undefined, { signal: patience.signal }).then(() => 'answered', () => 'given up') };
    });
    const calls = async () => Number(/^k0rdent_mcp_calls (\d+)/m.exec((await product.get('/metrics')).text)[1]);
    await until('all calls to be under way', async () => (await calls()) === rows.length);
    for (const { patience } of waits) patience.abort('enough');
    assert.deepEqual([...new Set(await Promise.all(waits.map(({ ended }) => ended)))], ['given up']);
    await until('none to be left', async () => (await calls()) === 0);
  } finally {
    cluster.thaw();
  }
  await until('the API server to be back', async () => (await product.get('/readyz')).status === 200);
  await unchanged(before, 'cancelled');
});

test('of two clients that write one cluster at once nothing is lost', async (t) => {
  const rounds = 25, product = await Product.start(t, { cluster, args: [...SANDBOX, '--allow-writes'] });
  const [{ make, where, args }] = rows.filter(({ tool }) => tool.endsWith('services.apply'));
  await make('race');
  const sessions = await Promise.all(['a', 'b'].map(() => Session.open(product, { t })));
  for (let count = 1; count <= rounds; ++count) {
    const answers = await Promise.all(sessions.map((session, i) =>
      sure(session, 'k0rdent.mgmt.clusterDeployments.services.apply', { ...args('race'), serviceName: `service-${i}`, values: { count } })));
    for (const { status, text } of answers) assert.equal(status, 'updated', text);
    const { spec } = await kube.get(where('race'));
    const values = Object.fromEntries(spec.serviceSpec.services.map((each) => [each.name, each.values]));
    assert.deepEqual([values['service-0'], values['service-1']], Array(2).fill(`count: ${count}\n`));
    assert.ok('web' in values);
  }
});

test('the identity of each provider is made of a Secret, and a cluster is deployed with it', async (t) => {
  const session = await Session.open(await Product.start(t, { cluster, args: [...SANDBOX, ...writing] }), { t });
  const create = 'k0rdent.mgmt.credentials.create', deploy = 'k0rdent.mgmt.clusterDeployments.deploy';
  for (const { kind, api, ns, more, spec, where, provider, chart } of IDENTITIES) {
    await t.test(kind, async () => {
      const name = `of-${provider}`, args = { name, identityKind: kind, identityName: name, secretName: 's', ...more };
      const before = await store();
      const dry = await call(session, create, { ...args, dryRun: true });
      assert.equal(dry.status, 'dry_run', dry.text);
      for (const word of ['tenantID', 'clientID'].filter((each) => more?.[each])) {
        const { [word]: left, ...rest } = args;
        refused(await call(session, create, rest), /needs 'tenantID' and 'clientID'/, word);
      }
      refused(await call(session, create, { ...args, secretName: 'none' }), /no Secret kcm-system\/none, where the provider looks for it/, kind);
      await unchanged(before, 'a dry run');
      const made = await sure(session, create, args);
      assert.equal(made.status, 'created', made.text);
      // The definitions are strict: a field that they do not know would be a warning.
      assert.doesNotMatch(made.text, /warning of the API server/);
      assert.deepEqual((await kube.get(where(name))).spec, spec);
      assert.deepEqual((await kube.get(credentialAt(name))).spec.identityRef, { apiVersion: api, kind, name, ...(ns && { namespace: ns }) });
      const after = await store();
      assert.equal((await call(session, create, args)).status, 'unchanged');
      await kube.create(`/api/v1/namespaces/${NS}/secrets`, { metadata: { name: `${provider}-another` } });
      const other = await store();
      refused(await call(session, create, { ...args, name: `${name}-2`, secretName: `${provider}-another` }), /is there already, with Secret s/, kind);
      await unchanged(other, 'another Secret');
      assert.equal(after.size + 1, other.size);

      await kube.merge(`${credentialAt(name)}/status`, { status: { ready: true } });
      await makeTemplate(kube, chart, `${chart}-9-0-0`);
      const wish = { name: `deployed-${provider}`, template: `${chart}-9-0-0`, credential: name, config: { region: 'r' } };
      const deployed = await sure(session, deploy, wish);
      assert.equal(deployed.status, 'created', deployed.text);
      const [wrong] = IDENTITIES.filter((each) => each.provider !== provider);
      await makeTemplate(kube, wrong.chart, `${wrong.chart}-for-${provider}`);
      refused(await call(session, deploy, { ...wish, name: `wrong-${provider}`, template: `${wrong.chart}-for-${provider}` }), new RegExp(`for ${wrong.provider}`), kind);
    });
  }
});

// AUTH_MODE=OAUTH on a real kube-apiserver: the official client logs in from nothing but the URL, and every caller acts as its own user.
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import * as modern from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Cluster, root } from './lib/cluster.mjs';
import { Product } from './lib/product.mjs';
import { Issuer } from './lib/issuer.mjs';
import { freePort, start } from './lib/proc.mjs';
import { Session, eventsUri } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
const { kube } = cluster;
const EVENTS = 'k0rdent.mgmt.events.list';
const launcher = path.join(root, 'test/e2e/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const TOKEN_REQUEST = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
const port = await freePort();
const resource = `http://127.0.0.1:${port}/mcp`;
// The client is a program of its user, whose machine trusts the issuer.
tls.setDefaultCACertificates([...tls.getCACertificates(), fs.readFileSync(cluster.ca, 'utf8')]);
const issuer = await Issuer.start(cluster, resource);
const file = path.join(process.env.E2E_DIR, `issuers-${port}.yaml`);
fs.writeFileSync(file, JSON.stringify({ issuers: [{ issuer: issuer.url, caFile: cluster.ca }] }));
const product = await Product.start(undefined, {
  cluster, port, env: { AUTH_MODE: 'OAUTH' },
  args: ['--public-url', resource, '--oauth-issuers-file', file, '--oauth-service-accounts'],
});
let ns, secret;
before(async () => {
  ns = await kube.namespace('anns');
  secret = await kube.namespace('secret');
  await kube.grant(ns, 'oidc:ann', [...READ_EVENTS, { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }]);
  for (const name of [ns, secret]) await kube.coreEvent(name, 'there');
});
after(async () => {
  await product.stop();
  await issuer.stop();
  kube.close();
});

/** What a client keeps of its log-in; redirect: where its user's browser is to go. */
class Keeper {
  scopes = [];
  get redirectUrl() { return 'http://127.0.0.1:1/callback'; }
  get clientMetadata() {
    return { client_name: 'e2e', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none' };
  }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.held; }
  saveTokens(tokens) { this.held = tokens; }
  redirectToAuthorization(url) {
    this.redirect = url;
    this.scopes.push(url.searchParams.get('scope'));
  }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
}

/** The official client of the older revisions, and that of 2026-07-28. back: how each takes what the user's browser brings back. */
const CLIENTS = [
  { name: 'legacy', Client, Transport: StreamableHTTPClientTransport, options: { capabilities: {} }, back: (query) => query.get('code') },
  {
    name: 'modern', Client: modern.Client, Transport: modern.StreamableHTTPClientTransport,
    options: { capabilities: {}, versionNegotiation: { mode: { pin: '2026-07-28' } } }, back: (query) => query,
  },
];

/** Knows the URL alone. Returns {client, keeper, transport, again}; again: logs in for what the last refusal asked for. */
async function logIn({ Client: Kind, Transport, options, back } = CLIENTS[0]) {
  const keeper = new Keeper();
  const make = () => [new Kind({ name: 'k0rdent-mcp e2e', version: '1.0.0' }, options), new Transport(new URL(resource), { authProvider: keeper })];
  const [nobody, first] = make();
  await assert.rejects(nobody.connect(first), /Unauthorized/);
  await first.finishAuth(back(await issuer.login(keeper.redirect)));
  const [client, transport] = make();
  await client.connect(transport);
  return { client, keeper, transport, again: async () => transport.finishAuth(back(await issuer.login(keeper.redirect))) };
}

/**
 * The Inspector's command line as a new installation of its own, which knows the URL alone; `state`: where one kept its log-ins. Its user's browser
 * follows what it is told to open, and agrees to whatever the Inspector asks; so does its user, at the keyboard. `server`: what names the server, if not
 * its URL. Returns {code, json, asked, scopes}; asked: what it wrote to its user.
 */
async function inspector(t, state, args, server = [resource, '--transport', 'http']) {
  const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
  const child = start(process.execPath, [launcher, '--cli', ...server, '--callback-url', callback, '--format', 'json', ...args], {
    env: {
      PATH: process.env.PATH, HOME: state, MCP_STORAGE_DIR: state, MCP_INSPECTOR_SECRET_STORE: 'file', NODE_EXTRA_CA_CERTS: cluster.ca, NO_COLOR: '1',
      MCP_AUTO_OPEN_ENABLED: 'true',  // it asks no terminal; there is no browser to be opened, so that it says where to go
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let out = '', asked = '', agreed = false;
  const scopes = [];
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => {
    asked += text;
    if (!agreed && asked.includes('[y/N]')) agreed = child.stdin.write('y\n');
    const seen = [...asked.matchAll(/Please navigate to: (\S+)\n/g)].slice(scopes.length).map((match) => new URL(match[1]));
    for (const url of seen) {
      scopes.push(url.searchParams.get('scope'));
      assert.ok(url.searchParams.get('code_challenge'), 'PKCE');
      assert.equal(url.searchParams.get('resource'), resource);
      issuer.login(url).then((query) => fetch(`${callback}?${query}`)).catch((error) => (asked += `the browser: ${error}`));
    }
  });
  const { code } = await child.exited;
  return { code, asked, scopes, json: out && JSON.parse(out) };
}

/** The product's requests that were answered; only then the audit log knows whom they were made for. */
async function answered(filter) {
  const all = () => cluster.audit.entries((e) => e.stage === 'ResponseComplete' && e.user.username === product.user.name && filter(e));
  await until('the audit log to have the answer', () => all().length > 0);
  return all();
}
const textOf = (result) => result.content.map((part) => part.text).join('');

for (const kind of CLIENTS) test(`a client (${kind.name}) that knows the URL alone finds the issuer, registers, logs in with PKCE and acts as its user`, async () => {
  const { client, keeper } = await logIn(kind);
  assert.match(keeper.scopes.join(), /k0rdent:read/);
  assert.doesNotMatch(keeper.scopes.join(), /k0rdent:(logs|write)/, 'no more than the challenge asks for');
  assert.ok(keeper.redirect.searchParams.get('code_challenge'));
  assert.equal(keeper.redirect.searchParams.get('resource'), resource);
  const events = await client.callTool({ name: EVENTS, arguments: { namespace: ns } });
  assert.match(textOf(events), /there/);
  const refused = await client.callTool({ name: EVENTS, arguments: { namespace: secret } });
  assert.ok(refused.isError, 'RBAC is a tool error: no log-in would help');
  assert.match(textOf(refused), /"oidc:ann" cannot list/);
  const asked = await answered((e) => e.objectRef?.namespace === ns && e.objectRef.resource === 'events');
  for (const one of asked) {
    assert.equal(one.user.username, product.user.name, 'with the server\'s own credentials');
    assert.equal(one.impersonatedUser?.username, 'oidc:ann');
    assert.deepEqual(one.impersonatedUser.groups, ['oidc:dev', 'system:authenticated']);
  }
  await client.close();
});

for (const kind of CLIENTS) test(`a tool that needs a higher scope makes the client (${kind.name}) log in for it and go on`, async () => {
  const { client, keeper, again } = await logIn(kind);
  const { tools } = await client.listTools();
  assert.ok(!tools.some((tool) => tool.name.includes('podLogs')), 'not shown without its scope');
  const call = () => client.callTool({ name: 'k0rdent.mgmt.podLogs.get', arguments: { namespace: ns, pod: 'none' } });
  await assert.rejects(call(), /Unauthorized/);
  assert.match(keeper.scopes.at(-1), /k0rdent:logs/);
  await again();
  const answer = await call();
  assert.match(textOf(answer), /not found/, 'it ran: there is no such pod');
  assert.ok((await client.listTools()).tools.some((tool) => tool.name.includes('podLogs')));
  await client.close();
});

// It asks at once for all scopes that the metadata name.
test('the Inspector, which knows the URL alone, finds the issuer, registers, logs in with PKCE and keeps its log-in', async (t) => {
  const state = fs.mkdtempSync(path.join(process.env.E2E_DIR, 'inspector-'));
  const list = await inspector(t, state, ['--method', 'tools/list']);
  assert.equal(list.code, 0, list.asked);
  assert.deepEqual(list.scopes.map((scope) => scope.replace(' offline_access', '')), ['k0rdent:read k0rdent:logs'], list.asked);
  assert.match(JSON.stringify(list.json), /"name":"k0rdent.mgmt.podLogs/);
  const call = (namespace) => inspector(t, state, ['--method', 'tools/call', '--tool-name', EVENTS, '--tool-arg', `namespace=${namespace}`]);
  const events = await call(ns);
  assert.deepEqual(events.scopes, [], 'it has kept its log-in');
  assert.match(JSON.stringify(events.json), /there/, events.asked);
  const refused = await call(secret);
  assert.match(JSON.stringify(refused.json) + refused.asked, /oidc:ann\W+ cannot list/, 'as its user, and no more');
});

// It calls no tool that its list does not have, but reads any resource.
for (const era of ['legacy', 'modern']) test(`the Inspector (${era}) that was told to log in for one scope is asked for a higher one, and goes on`, async (t) => {
  const state = fs.mkdtempSync(path.join(process.env.E2E_DIR, 'inspector-'));
  const config = path.join(state, 'servers.json');
  fs.writeFileSync(config, JSON.stringify({ mcpServers: { it: { type: 'streamable-http', url: resource, oauth: { scopes: 'k0rdent:read' } } } }));
  const read = () => inspector(t, state, ['--protocol-era', era, '--method', 'resources/read', '--uri', `k0rdent://podlogs/${ns}/none/app`], ['--config', config, '--server', 'it']);
  const first = await read();
  assert.deepEqual(first.scopes.map((scope) => scope.replace(' offline_access', '')), ['k0rdent:read', 'k0rdent:read k0rdent:logs'], first.asked);
  assert.match(first.asked, /additional scope: k0rdent:logs/);
  assert.match(first.asked, /pods \W*none\W* not found/, 'it was let in: there is no such pod');
  const again = await read();
  assert.deepEqual(again.scopes, [], 'the higher scope is kept');
  assert.match(again.asked, /pods \W*none\W* not found/);
});

test('another user sees nothing of the first one\'s', async () => {
  issuer.user = 'bob';
  const { client } = await logIn();
  issuer.user = 'ann';
  const refused = await client.callTool({ name: EVENTS, arguments: { namespace: ns } });
  assert.ok(refused.isError);
  assert.match(textOf(refused), /"oidc:bob" cannot list/);
  await client.close();
});

test('a service account logs in with a token that is made for this server, and with no other', async (t) => {
  const name = 'bot';
  await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name } });
  const user = `system:serviceaccount:${ns}:${name}`;
  await kube.grant(ns, user, READ_EVENTS);
  const token = async (audiences) => {
    const made = await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts/${name}/token`, { ...TOKEN_REQUEST, spec: { audiences, expirationSeconds: 600 } });
    return made.status.token;
  };
  const bot = await Session.open(product, { t, token: await token([resource]) });
  assert.deepEqual((await bot.call(EVENTS, { namespace: ns })).events.map((e) => e.name), ['there']);
  await bot.subscribe(eventsUri(ns));
  await kube.coreEvent(ns, 'for-the-bot');
  await bot.got('the event', eventsUri(ns), (deltas) => deltas.some((delta) => delta.event?.name === 'for-the-bot'));
  bot.token = await token([resource]);
  assert.match(await bot.refusal(EVENTS, { namespace: secret }), new RegExp(`"${user}" cannot list`), 'the session goes on with a renewed token');
  for (const audiences of [['https://other.example/mcp'], ['https://kubernetes.default.svc']]) {
    await assert.rejects(Session.open(product, { token: await token(audiences) }), /401|Unauthorized|not accepted/);
  }
  const watch = cluster.audit.entries((e) => e.stage === 'ResponseStarted' && e.verb === 'watch' && e.objectRef?.namespace === ns && e.impersonatedUser?.username === user);
  assert.equal(watch.length, 1, 'the watch outlives the token that began it');
  await bot.terminate();
});

test('with --oauth-opaque-tokens the API server judges a static token, and no service account comes in by its token for the API server', async (t) => {
  const other = await Product.start(undefined, {
    cluster, env: { AUTH_MODE: 'OAUTH' }, args: ['--public-url', 'http://127.0.0.1/mcp', '--oauth-service-accounts', '--oauth-opaque-tokens'],
  });
  t.after(() => other.stop());
  await kube.grant(ns, 'alice', READ_EVENTS);
  const alice = await Session.open(other, { t, token: cluster.tokens.alice });
  assert.ok((await alice.call(EVENTS, { namespace: ns })).events.some((e) => e.name === 'there'));
  assert.match(await alice.refusal(EVENTS, { namespace: secret }), /"alice" cannot list/);
  await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name: 'own' } });
  const made = await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts/own/token`, { ...TOKEN_REQUEST, spec: { expirationSeconds: 600 } });
  for (const token of [made.status.token, `${made.status.token}.`, `${cluster.tokens.alice}x`]) {
    await assert.rejects(Session.open(other, { token }), /401|Unauthorized|not accepted/);
  }
  await alice.terminate();
});

test('a deleted service account is out within a minute, and its stream says why', async (t) => {
  await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts`, { metadata: { name: 'gone' } });
  await kube.grant(ns, `system:serviceaccount:${ns}:gone`, READ_EVENTS);
  const made = await kube.create(`/api/v1/namespaces/${ns}/serviceaccounts/gone/token`, { ...TOKEN_REQUEST, spec: { audiences: [resource], expirationSeconds: 600 } });
  const bot = await Session.open(product, { t, token: made.status.token });
  await bot.subscribe(eventsUri(ns));
  await kube.delete(`/api/v1/namespaces/${ns}/serviceaccounts/gone`);
  const since = Date.now();
  await until('the stream to end', () => bot.streams.some((stream) => stream.ended), { ms: 75_000, every: 500 });
  assert.ok(Date.now() - since < 75_000);
  await assert.rejects(Session.open(product, { token: made.status.token }), /401|Unauthorized|not accepted/);
});

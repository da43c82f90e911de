// --caller-credentials=exchange on a real kube-apiserver with structured authentication: it takes the issuer's tokens for its own
// audience alone, and the server has no right to impersonate.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { ExchangeIssuer } from './lib/exchange_issuer.mjs';
import { Product, invoke } from './lib/product.mjs';
import { freePort } from './lib/proc.mjs';
import { Session, eventsUri } from './lib/mcp.mjs';
import { READ_EVENTS } from './lib/kube.mjs';
import { found, unreadable } from './lib/memory.mjs';
import { until } from './lib/wait.mjs';

const EVENTS = 'k0rdent.mgmt.events.list';
const dir = path.join(process.env.E2E_DIR, 'exchange');
const cluster = await Cluster.start(dir);
const { kube } = cluster;
const port = await freePort();
const resource = `http://127.0.0.1:${port}/mcp`;
const client = { id: 'k0rdent-mcp', secret: 'planted client secret' };
const issuer = await ExchangeIssuer.start(cluster, { resource, audience: 'kubernetes', client });
const secretFile = path.join(dir, 'client-secret');
fs.writeFileSync(secretFile, `${client.secret}\n`, { mode: 0o600 });
const issuersFile = path.join(dir, 'issuers.yaml');
fs.writeFileSync(issuersFile, JSON.stringify({ issuers: [{
  issuer: issuer.url, caFile: cluster.ca, exchange: { clientId: client.id, clientSecretFile: secretFile, audience: 'kubernetes' },
}] }));
const args = ['--public-url', resource, '--oauth-issuers-file', issuersFile, '--caller-credentials', 'exchange'];
let product, ns, secret;

before(async () => {
  const config = path.join(dir, 'authentication.json');
  fs.writeFileSync(config, JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration',
    jwt: [{
      issuer: { url: issuer.url, audiences: ['kubernetes'], certificateAuthority: fs.readFileSync(cluster.ca, 'utf8') },
      claimMappings: { username: { claim: 'sub', prefix: 'oidc:' }, groups: { claim: 'groups', prefix: 'oidc:' } },
    }],
  }));
  await cluster.killServer();
  cluster.flags.push(`--authentication-config=${config}`);
  await cluster.startServer();
  product = await Product.start(undefined, { cluster, port, args, env: { AUTH_MODE: 'OAUTH' } });
  ns = await kube.namespace('anns');
  secret = await kube.namespace('secret');
  await kube.grant(ns, 'oidc:ann', READ_EVENTS);
  for (const name of [ns, secret]) await kube.coreEvent(name, 'there');
});
after(async () => {
  await product?.stop();
  await issuer.stop();
  await cluster.stop();
});

/** What the API server was asked in a namespace. */
const asked = (name) => cluster.audit.entries((e) => e.stage === 'ResponseComplete' && e.objectRef?.namespace === name && e.objectRef.resource === 'events');

test('the API server takes the exchanged token, not the caller\'s own, and its audit log names the user itself', async (t) => {
  const token = issuer.token('ann');
  assert.equal((await cluster.as(token).ask('GET', '/version')).status, 401, 'the caller\'s own token opens nothing there');
  const ann = await Session.open(product, { t, token });
  assert.deepEqual((await ann.call(EVENTS, { namespace: ns })).events.map((e) => e.name), ['there']);
  assert.match(await ann.refusal(EVENTS, { namespace: secret }), /"oidc:ann" cannot list/);
  assert.equal(issuer.exchanges.length, 1, 'one for all of it');
  assert.equal(issuer.exchanges[0].subject, token);
  await until('the audit log to have the answers', () => asked(ns).length > 0 && asked(secret).length > 0);
  for (const one of [...asked(ns), ...asked(secret)]) {
    assert.equal(one.user.username, 'oidc:ann');
    assert.deepEqual(one.user.groups, ['oidc:dev', 'system:authenticated']);
    assert.equal(one.impersonatedUser, undefined);
  }
  const log = fs.readFileSync(product.logFile, 'utf8');
  for (const planted of [token, issuer.exchanges[0].token, client.secret, encodeURIComponent(client.secret)])
    assert.ok(!log.includes(planted), 'no log has a token or the secret');
  await ann.terminate();
});

test('an exchanged token is renewed before it ends, and the stream goes on', async (t) => {
  issuer.lifetime = 12;
  t.after(() => (issuer.lifetime = 300));
  const before = issuer.exchanges.length;
  // It ends later than the token of before, so that what was exchanged for this one is used.
  const ann = await Session.open(product, { t, token: issuer.token('ann', { lifetime: 900 }) });
  await ann.subscribe(eventsUri(ns));
  for (let i = 0; i < 8; i++) {
    await sleep(2000);
    assert.ok((await ann.call(EVENTS, { namespace: ns })).events.length > 0, 'each call is answered');
  }
  assert.ok(issuer.exchanges.length >= before + 3, `${issuer.exchanges.length - before} exchanges in 16 s`);
  assert.ok(issuer.exchanges.length <= before + 4);
  await kube.coreEvent(ns, 'late');
  await ann.got('the event', eventsUri(ns), (deltas) => deltas.some((delta) => delta.event?.name === 'late'));
  await ann.terminate();
});

test('a refusal and an outage of the issuer are told apart', async (t) => {
  t.after(() => (issuer.refuses = undefined));
  const post = (token) => fetch(product.url, {
    method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  });
  issuer.refuses = { error: 'invalid_grant' };
  const refused = await post(issuer.token('ann'));
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('www-authenticate'), /invalid_token.*does not exchange.*resource_metadata/);
  issuer.refuses = { error: 'access_denied' };
  assert.equal((await post(issuer.token('ann'))).status, 403);
  issuer.refuses = { error: 'server_error', status: 503 };
  const away = await post(issuer.token('ann'));
  assert.equal(away.status, 503);
  assert.ok(Number(away.headers.get('retry-after')) > 0);
});

test('settings that do not fit are refused at the start', async () => {
  const bare = path.join(dir, 'bare.yaml');
  fs.writeFileSync(bare, JSON.stringify({ issuers: [{ issuer: issuer.url }] }));
  const start = (...more) => invoke(['serve', '--auth-mode', 'OAUTH', '--public-url', resource, ...more]);
  const lacking = await start('--oauth-issuers-file', bare, '--caller-credentials', 'exchange');
  assert.notEqual(lacking.code, 0);
  assert.match(lacking.stderr, /--exchange-client-id/);
  const needless = await start('--oauth-issuers-file', issuersFile);
  assert.notEqual(needless.code, 0);
  assert.match(needless.stderr, /only with --caller-credentials=exchange/);
});

test('no caller\'s token, exchanged token or client secret stays in memory, in the log, in arguments or in metrics, nor a TLS key that was replaced', { skip: unreadable }, async (t) => {
  const tlsPort = await freePort(), at = (name) => path.join(dir, name);
  const pair = (name) => ['crt', 'key'].forEach((end) => fs.copyFileSync(`${cluster.pki}/${name}.${end}`, at(`tls.${end}`)));
  pair('server');
  const product = await Product.start(t, {
    cluster, port: '0,tls=off', env: { AUTH_MODE: 'OAUTH' },
    args: [...args, '--clock-skew', '0s', '--listen', `127.0.0.1:${tlsPort}`, '--tls-cert-file', at('tls.crt'), '--tls-key-file', at('tls.key')],
  });
  const token = issuer.token('ann', { lifetime: 20 });
  const overTls = await new Promise((resolve, reject) => {
    const request = https.request({ method: 'POST', host: '127.0.0.1', port: tlsPort, path: '/mcp', ca: fs.readFileSync(cluster.ca), agent: false, headers: {
      authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    request.on('error', reject).end('{}');
  });
  assert.equal(overTls, 400, 'past the check of the token');
  const session = await Session.open(product, { t, token });
  assert.ok((await session.call(EVENTS, { namespace: ns })).events.length > 0);
  const exchanged = issuer.exchanges.at(-1).token;
  // The key in use is in memory, for as long as it is: this one is replaced.
  const line = fs.readFileSync(at('tls.key'), 'utf8').split('\n')[1];
  const planted = { token, exchanged, secret: client.secret, form: encodeURIComponent(client.secret), line };
  planted.basic = Buffer.from(`${client.id}:${planted.form}`).toString('base64');
  assert.deepEqual([...new Set(found(product.child.pid, { token, exchanged, line }).map((where) => where.split(' ')[0]))].sort(), ['exchanged', 'line', 'token'], 'the search finds what is in use');
  pair('admin');
  await session.terminate();
  await session.close();
  // Until the token ends; what stood for it is let go in half a minute then.
  const left = () => found(product.child.pid, planted);
  await until(() => `no secret to be left:\n${left().join('\n')}`, () => left().length === 0, { ms: 60_000, every: 2000 });
  const pages = (await Promise.all(['/metrics', '/healthz?verbose', '/readyz'].map(async (page) => (await product.get(page)).text))).join('');
  const outputs = {
    log: fs.readFileSync(product.logFile, 'utf8'), pages,
    arguments: fs.readFileSync(`/proc/${product.child.pid}/cmdline`, 'latin1'), environment: fs.readFileSync(`/proc/${product.child.pid}/environ`, 'latin1'),
  };
  for (const [where, text] of Object.entries(outputs)) {
    for (const [what, secretText] of Object.entries(planted)) assert.ok(!text.includes(secretText), `${what} is in the ${where}`);
  }
});

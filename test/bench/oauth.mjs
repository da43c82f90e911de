// What AUTH_MODE=OAUTH costs a request: tools/list with an access token beside tools/list without, in turn, so that what else the machine does falls on both.
import fs from 'node:fs';
import https from 'node:https';
import { generateKeyPairSync, sign } from 'node:crypto';
import { ask, end, freePort, modern, run, until, wrk } from './lib.mjs';
import { at, certificates } from './tls.mjs';

const TURNS = 3;

/** An issuer of ES256 tokens over HTTPS. */
async function startIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const url = `https://127.0.0.1:${await freePort()}`;
  const pages = {
    '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
    '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ec', alg: 'ES256', use: 'sig' }] },
  };
  const server = https.createServer({ key: fs.readFileSync(at('tls-server.key')), cert: fs.readFileSync(at('tls-server.crt')) }, (request, response) => {
    response.statusCode = pages[request.url] ? 200 : 404;
    response.end(JSON.stringify(pages[request.url] ?? {}));
  });
  await new Promise((resolve) => server.listen(new URL(url).port, '127.0.0.1', resolve));
  const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const token = (audience) => {
    const claims = { iss: url, aud: audience, sub: 'ann', client_id: 'bench', scope: 'k0rdent:read k0rdent:logs k0rdent:write', iat: now, exp: now + 3600, groups: ['dev', 'ops'] };
    const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'ec' })}.${part(claims)}`;
    return `${signed}.${sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return { url, token, stop: () => server.close() };
}

async function serve(us, port, ...flags) {
  const child = run(us.binary, [...us.args(port), ...flags]);
  await until('the server is ready', async () => (await ask(port, { method: 'GET', target: '/readyz' })).status === 200);
  return child;
}

/** us: how our server is started; row: shows a figure. */
export async function withOAuth(us, row) {
  certificates();
  const issuer = await startIssuer();
  const [open, closed] = [await freePort(), await freePort()];
  const resource = `http://127.0.0.1:${closed}/mcp`;
  fs.writeFileSync(at('issuers.yaml'), JSON.stringify({ issuers: [{ issuer: issuer.url, caFile: at('tls-ca.crt') }] }));
  const without = await serve(us, open);
  const checked = await serve(us, closed, '--auth-mode', 'OAUTH', '--public-url', resource, '--oauth-issuers-file', at('issuers.yaml'), '--rate', 'none');
  const { body, headers } = modern('tools/list', {});
  const authorized = { ...headers, Authorization: `Bearer ${issuer.token(resource)}` };
  const listed = await ask(closed, { method: 'POST', body, headers: authorized });
  if (listed.status !== 200) throw new Error(`the token gets ${listed.status}: ${listed.text}`);
  const figures = { without: [], checked: [] };
  for (let turn = 0; turn < TURNS; ++turn) {
    figures.without.push(wrk(`http://127.0.0.1:${open}/mcp`, { body, headers }).perSecond);
    figures.checked.push(wrk(resource, { body, headers: authorized }).perSecond);
  }
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  row('tools/list with OAUTH a second', '1/s', [median(figures.checked)], `≥ 0.9 × without = ${Math.round(median(figures.without) * 0.9).toLocaleString('en')}`, false);
  await end(without);
  await end(checked);
  issuer.stop();
}

// A small issuer on loopback HTTPS that exchanges its access tokens (RFC 8693) for those of another audience. Tokens are made by
// token(), without any log-in.
import fs from 'node:fs';
import https from 'node:https';
import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { freePort } from './proc.mjs';

const TYPE = 'urn:ietf:params:oauth:token-type:';
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

export class ExchangeIssuer {
  #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** What it was asked to exchange: {subject, audience, user, token}. */
  exchanges = [];
  /** How long the tokens last that it gives for others, in seconds. */
  lifetime = 300;
  /** An error that it answers with instead; status 500 and more: it is out of order. */
  refuses = undefined;

  /** pki: whose server certificate it shows. client: {id, secret} of the one that may exchange tokens. */
  static async start({ pki }, { resource, audience, client }) {
    const issuer = new ExchangeIssuer();
    Object.assign(issuer, { resource, audience, client, port: await freePort() });
    issuer.url = `https://127.0.0.1:${issuer.port}`;
    issuer.server = https.createServer(
      { key: fs.readFileSync(`${pki}/server.key`), cert: fs.readFileSync(`${pki}/server.crt`) },
      (request, response) => issuer.#answer(request, response));
    await new Promise((resolve) => issuer.server.listen(issuer.port, '127.0.0.1', resolve));
    return issuer;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** An access token for the resource, or for another audience. */
  token(user, { aud = this.resource, lifetime = 600, scope = 'k0rdent:read' } = {}) {
    const claims = { iss: this.url, sub: user, aud, scope, iat: now(), exp: now() + lifetime, jti: randomUUID(), client_id: 'e2e', groups: ['dev'] };
    const text = `${encoded({ alg: 'ES256', typ: 'at+jwt', kid: 'one' })}.${encoded(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.#key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** The claims of a good token of its own; throws for others. */
  #read(token) {
    const [header, payload, signature] = token.split('.');
    const key = { key: this.#key.publicKey, dsaEncoding: 'ieee-p1363' };
    if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) throw new Error('signature');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    if (claims.exp <= now() || claims.aud !== this.resource) throw new Error('claims');
    return claims;
  }

  async #answer(request, response) {
    const send = (body, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return send({ issuer: this.url, jwks_uri: `${this.url}/keys`, token_endpoint: `${this.url}/token`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'] });
      case '/keys':
        return send({ keys: [{ ...this.#key.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }] });
      case '/token':
        return this.#exchange(request, Buffer.concat(await request.toArray()).toString(), send);
      default:
        return send({}, 404);
    }
  }

  #exchange(request, body, send) {
    const asked = new URLSearchParams(body);
    const client = `Basic ${Buffer.from(`${this.client.id}:${encodeURIComponent(this.client.secret)}`).toString('base64')}`;
    if (request.method !== 'POST' || request.headers.authorization !== client) return send({ error: 'invalid_client' }, 401);
    if (this.refuses) return send({ error: this.refuses.error }, this.refuses.status ?? 400);
    if (asked.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange') return send({ error: 'unsupported_grant_type' }, 400);
    if (asked.get('subject_token_type') !== `${TYPE}access_token`) return send({ error: 'invalid_request' }, 400);
    if (asked.get('audience') !== this.audience) return send({ error: 'invalid_target' }, 400);
    const subject = asked.get('subject_token');
    let claims;
    try {
      claims = this.#read(subject);
    } catch {
      return send({ error: 'invalid_grant' }, 400);
    }
    const token = this.token(claims.sub, { aud: this.audience, lifetime: this.lifetime });
    this.exchanges.push({ subject, audience: this.audience, user: claims.sub, token });
    return send({ access_token: token, issued_token_type: `${TYPE}access_token`, token_type: 'Bearer', expires_in: this.lifetime });
  }
}

// An issuer of access tokens on loopback HTTPS: oidc-provider, with dynamic registration, PKCE and resource indicators, whose one user
// agrees to everything. login() is that user's browser.
import fs from 'node:fs';
import https from 'node:https';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';
import { freePort } from './proc.mjs';

export const SCOPES = ['k0rdent:read', 'k0rdent:logs', 'k0rdent:write'];

const jwk = (type, options, more) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more });

export class Issuer {
  /** Every URL that its user's browser was sent to. */
  visited = [];
  /** Who logs in. */
  user = 'ann';

  /** cluster: whose authority signs its certificate. resource: for whom its tokens are. */
  static async start(cluster, resource) {
    const issuer = new Issuer();
    issuer.ca = cluster.ca;
    issuer.port = await freePort();
    issuer.url = `https://127.0.0.1:${issuer.port}`;
    const provider = new Provider(issuer.url, {
      jwks: { keys: [jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'ec' })] },
      cookies: { keys: ['e2e'] },
      clientDefaults: { id_token_signed_response_alg: 'ES256' },
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      scopes: ['openid', 'offline_access', ...SCOPES],
      features: {
        devInteractions: { enabled: false },
        registration: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => resource,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: SCOPES.join(' '), audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      extraTokenClaims: () => ({ groups: ['dev'] }),
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      async loadExistingGrant(ctx) {
        const { client, session } = ctx.oidc;
        const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope(['openid', 'offline_access', ...SCOPES].join(' '));
        grant.addResourceScope(resource, SCOPES.join(' '));
        await grant.save();
        return grant;
      },
    });
    // The official client registers for the scopes of its first log-in alone, and asks for others later: this issuer lets it.
    provider.use(async (ctx, next) => {
      if (ctx.path === '/reg' && ctx.method === 'POST') {
        const { scope, ...metadata } = JSON.parse(Buffer.concat(await ctx.req.toArray()));
        ctx.req.body = metadata;
      }
      return next();
    });
    const answer = provider.callback();
    issuer.server = https.createServer(
      { key: fs.readFileSync(`${cluster.pki}/server.key`), cert: fs.readFileSync(`${cluster.pki}/server.crt`) },
      (request, response) => (request.url.startsWith('/interaction/')
        ? provider.interactionFinished(request, response, { login: { accountId: issuer.user }, consent: {} })
        : answer(request, response)));
    await new Promise((resolve) => issuer.server.listen(issuer.port, '127.0.0.1', resolve));
    return issuer;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** Follows the redirects from this URL until they leave the issuer: the query of the last one. */
  async login(url) {
    const cookies = new Map();
    let at = new URL(url);
    for (let steps = 0; steps < 12; steps++) {
      if (at.origin !== this.url) {
        if (!at.searchParams.has('code')) throw new Error(`the issuer refuses: ${at.searchParams}`);
        return at.searchParams;
      }
      this.visited.push(at.href);
      const { status, headers } = await this.#visit(at, cookies);
      if (!headers.location) throw new Error(`the issuer answers ${at.pathname} with ${status}`);
      at = new URL(headers.location, at);
    }
    throw new Error(`the issuer redirects without an end: ${at.pathname}`);
  }

  #visit(url, cookies) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      https.get(url, { ca: fs.readFileSync(this.ca), headers: { cookie } }, (answer) => {
        answer.resume();
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          value ? cookies.set(name, value) : cookies.delete(name);
        }
        resolve({ status: answer.statusCode, headers: answer.headers });
      }).on('error', reject);
    });
  }
}

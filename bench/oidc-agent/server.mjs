// SPDX-License-Identifier: MIT
// A real authorization server for oidc-agent to take its tokens from: one client, one user, one refresh token. It never
// listens on anything but loopback.
//
// Usage: node server.mjs KEY CERTIFICATE
// Prints "READY PORT REFRESH_TOKEN" and serves https://localhost:PORT until it is killed.
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import Provider from 'oidc-provider';

const [key, cert] = process.argv.slice(2, 4).map((path) => fs.readFileSync(path));
const day = 86400;
const scope = 'openid offline_access';
const server = https.createServer({ key, cert });

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [
      {
        client_id: 'bench',
        client_secret: 'bench-secret',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://localhost:4242'],
        scope,
      },
    ],
    jwks: { keys: [{ ...crypto.createPrivateKey(key).export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [crypto.randomBytes(16).toString('hex')] },
    ttl: { AccessToken: day, IdToken: day, RefreshToken: day, Grant: day },
    rotateRefreshToken: false,
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { devInteractions: { enabled: false } },
  });
  // What a person's login and consent would have left behind.
  const grant = new provider.Grant({ accountId: 'alice', clientId: 'bench' });
  grant.addOIDCScope(scope);
  const token = new provider.RefreshToken({
    accountId: 'alice',
    client: await provider.Client.find('bench'),
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope,
    expiresWithSession: false,
  });
  const refreshToken = await token.save();
  server.on('request', provider.callback());
  console.log(`READY ${port} ${refreshToken}`);
});

// A certified OpenID Connect provider in a process of its own. Its people, by the name they sign in
// with, and its one client come as JSON in the first argument; it prints its issuer once it
// listens. `forged`: the keys that it publishes are not those that it signs with.
const { generateKeyPairSync } = require('node:crypto');
const { createServer } = require('node:http');

async function main() {
  const { people, client, forged } = JSON.parse(process.argv[2]);
  const { Provider } = await import('oidc-provider');
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ ...client, id_token_signed_response_alg: 'RS256' }],
    claims: {
      openid: ['sub', 'acr'],
      email: ['email', 'email_verified'],
      profile: ['name', 'groups'],
    },
    findAccount: (_ctx, sub) =>
      people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    // What people consent to is not what is tried here.
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const serve = provider.callback();
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreignKeys = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig' }],
  });
  server.on('request', (request, response) => {
    if (!forged || request.url !== '/jwks') serve(request, response);
    else response.setHeader('Content-Type', 'application/json').end(foreignKeys);
  });
  process.stdout.write(`${issuer}\n`);
}

void main();

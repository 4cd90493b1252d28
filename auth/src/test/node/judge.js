// One sign-in as openid-client and a browser without JavaScript see it. Reads its settings as JSON from standard input, prints
// what it got as JSON; what the library refuses is printed as 'refused', with exit status 1.
import * as oidc from 'openid-client';
import { text } from 'node:stream/consumers';

const settings = JSON.parse(await text(process.stdin));
const cookies = new Map();
const got = {};
// A server that does not answer must not hang the test.
setTimeout(() => process.exit(2), 60_000).unref();

try {
  await judge();
} catch (refusal) {
  got.refused = { code: refusal.code, error: refusal.error, message: refusal.message, cause: refusal.cause?.message };
  process.exitCode = 1;
}
got.cookies = [...cookies.values()];
console.log(JSON.stringify(got));

async function judge() {
  const config = await oidc.discovery(
    new URL(settings.issuer),
    settings.clientId,
    settings.clientSecret,
    oidc.ClientSecretBasic(settings.clientSecret),
    // Without the second one it trusts TLS and looks at no signature of an ID token.
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  got.issuer = config.serverMetadata().issuer;

  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const authorization = oidc.buildAuthorizationUrl(config, {
    redirect_uri: settings.redirectUri,
    scope: settings.scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const callback = await signIn(authorization);
  got.code = callback.searchParams.get('code');

  // What the test plants stands in the place of what was sent.
  const expected = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, ...settings.planted };
  if (settings.forgeIdToken) {
    config[oidc.customFetch] = forge;
  }
  const tokens = await oidc.authorizationCodeGrant(config, callback, expected);
  got.tokens = tokens;
  got.claims = tokens.claims();
  got.userinfo = await oidc.fetchUserInfo(config, tokens.access_token, got.claims.sub);
  got.introspected = await oidc.tokenIntrospection(config, tokens.access_token);

  got.refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  await oidc.tokenRevocation(config, got.refreshed.refresh_token);
  got.afterRevocation = await oidc.tokenIntrospection(config, got.refreshed.access_token);
  got.refreshAfterRevocation = await oidc.refreshTokenGrant(config, got.refreshed.refresh_token).catch((refusal) => refusal.error);

  got.machine = await oidc.clientCredentialsGrant(config, { scope: settings.machineScope });
  got.machineIntrospected = await oidc.tokenIntrospection(config, got.machine.access_token);
}

/** Follows redirects and sends the forms that it meets, until it is led to the application. */
async function signIn(authorization) {
  let page = await open(authorization);
  for (let step = 0; step < 10; step++) {
    const location = page.headers.get('location');
    if (location?.startsWith(settings.redirectUri)) {
      return new URL(location);
    }
    page = location ? await open(new URL(location, page.url)) : await submit(await page.text(), page.url);
  }
  throw new Error('ten pages, and none leads back to the application');
}

async function submit(html, address) {
  const form = /<form method="post" action="([^"]+)">(.*?)<\/form>/s.exec(html);
  if (!form) {
    throw new Error(`no form to send at ${new URL(address).pathname}`);
  }
  const typed = { email: settings.email, password: settings.password };
  const fields = new URLSearchParams();
  for (const [input] of form[2].matchAll(/<input [^>]*>/g)) {
    const name = / name="([^"]+)"/.exec(input)[1];
    fields.set(name, typed[name] ?? / value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  // Presses the first button: on the consent page it is the one that allows.
  const button = /<button name="([^"]+)" value="([^"]*)"/.exec(form[2]);
  if (button) {
    fields.set(button[1], button[2]);
  }
  return open(new URL(form[1], address), {
    method: 'POST',
    body: fields,
    headers: { origin: new URL(address).origin, 'sec-fetch-site': 'same-origin' },
  });
}

async function open(address, options = {}) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(address, {
    ...options,
    redirect: 'manual',
    headers: { ...options.headers, ...(cookie && { cookie }) },
  });
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (/; *max-age=0/i.test(line)) {
      cookies.delete(name);
    } else {
      cookies.set(name, value);
    }
  }
  return answer;
}

/** An answer of the token endpoint whose ID token names another person under the same signature. */
async function forge(address, options) {
  const answer = await fetch(address, options);
  const body = await answer.text();
  if (!body.includes('"id_token"')) {
    return new Response(body, answer);
  }
  const tokens = JSON.parse(body);
  const [header, payload, signature] = tokens.id_token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  claims.email = 'mallory@example.com';
  tokens.id_token = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
  return new Response(JSON.stringify(tokens), answer);
}

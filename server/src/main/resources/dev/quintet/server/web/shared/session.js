// One signed-in person: OpenID Connect authorization code with PKCE (RFC 7636) against this very server.
// Tokens live in this tab's sessionStorage under the session's name, so that two people can sign in side by side.

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const random = () => encode(crypto.getRandomValues(new Uint8Array(32)));

/** What a refused request says: RFC 9457's members, or the plain status. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.code = problem.code;
  }
}

export class Session {
  /** `page` names the page's own client in /shared/clients.json, `scopes` what it asks for. */
  constructor(name, page, home, scopes) {
    this.name = name;
    this.page = page;
    this.home = home;
    this.scopes = scopes;
    this.tokens = JSON.parse(sessionStorage.getItem(this.key('tokens')) || 'null');
  }

  key(part) {
    return `quintet.${this.name}.${part}`;
  }

  async #client() {
    this.clientId ??= (await (await fetch('/shared/clients.json')).json())[this.page];
    if (!this.clientId) throw new Refused(404, { detail: 'this server runs without sign-in; use a console link' });
    return this.clientId;
  }

  get signedIn() {
    return this.tokens !== null;
  }

  /** The claims of the ID token; the server checked it, this only reads it. Empty for a session by link. */
  get claims() {
    if (!this.tokens?.id_token) return {};
    const text = atob(this.tokens.id_token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(decodeURIComponent([...text].map((c) => '%' + c.charCodeAt(0).toString(16).padStart(2, '0')).join('')));
  }

  /** Leaves the page for the sign-in page; `again` asks for a password even when this browser is signed in. */
  async signIn({ again = false, hint = '' } = {}) {
    const verifier = random();
    const state = `${this.name}.${random()}`;
    sessionStorage.setItem(this.key('flow'), JSON.stringify({ verifier, state }));
    const challenge = encode(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: await this.#client(),
      redirect_uri: location.origin + this.home,
      scope: `openid profile ${this.scopes}`,
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    if (again) query.set('prompt', 'login');
    if (hint) query.set('login_hint', hint);
    location.assign(`/oauth2/authorize?${query}`);
  }

  /** Finishes a sign-in when the address carries this session's code; returns whether it did. */
  async finish() {
    const query = new URLSearchParams(location.search);
    const flow = JSON.parse(sessionStorage.getItem(this.key('flow')) || 'null');
    if (!flow || query.get('state') !== flow.state) return false;
    sessionStorage.removeItem(this.key('flow'));
    history.replaceState(null, '', this.home);
    if (query.has('error')) throw new Refused(400, { detail: query.get('error_description') || query.get('error') });
    await this.#exchange({
      grant_type: 'authorization_code',
      code: query.get('code'),
      redirect_uri: location.origin + this.home,
      code_verifier: flow.verifier,
    });
    return true;
  }

  /** Takes a one-time link of the operator instead of a password. */
  async finishByLink() {
    const link = new URLSearchParams(location.hash.slice(1)).get('link');
    if (!link) return false;
    history.replaceState(null, '', this.home);
    const answer = await fetch('/console/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ link }),
    });
    if (!answer.ok) throw await refusal(answer);
    this.#keep(await answer.json());
    return true;
  }

  async #exchange(form) {
    const answer = await fetch('/oauth2/token', {
      method: 'POST',
      body: new URLSearchParams({ client_id: await this.#client(), ...form }),
    });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      this.forget();
      throw new Refused(answer.status, { detail: problem.error_description || problem.error });
    }
    this.#keep(await answer.json());
  }

  #keep(tokens) {
    this.tokens = { ...this.tokens, ...tokens, until: Date.now() + (tokens.expires_in - 30) * 1000 };
    sessionStorage.setItem(this.key('tokens'), JSON.stringify(this.tokens));
  }

  forget() {
    this.tokens = null;
    sessionStorage.removeItem(this.key('tokens'));
  }

  /** Ends this session; `everywhere` also ends the browser's own (OpenID Connect RP-Initiated Logout), which leaves the page. */
  async signOut({ everywhere = false } = {}) {
    const { refresh_token: token, id_token: hint } = this.tokens ?? {};
    if (token) await fetch('/oauth2/revoke', { method: 'POST', body: new URLSearchParams({ client_id: await this.#client(), token }) });
    this.forget();
    if (everywhere && hint) {
      location.assign(`/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: location.origin + this.home })}`);
    }
  }

  /** A live access token; one refresh serves all who wait for it. */
  async token() {
    if (!this.tokens) throw new Refused(401, { detail: 'signed out' });
    if (Date.now() > this.tokens.until) {
      if (!this.tokens.refresh_token) {
        this.forget();
        throw new Refused(401, { detail: 'this session has ended; sign in again' });
      }
      this.refreshing ??= this.#exchange({ grant_type: 'refresh_token', refresh_token: this.tokens.refresh_token }).finally(
        () => (this.refreshing = undefined),
      );
      await this.refreshing;
    }
    return this.tokens.access_token;
  }

  /** Asks the API and returns its JSON; throws Refused with the server's own sentence. */
  async ask(method, path, body) {
    const headers = { Authorization: `Bearer ${await this.token()}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (method === 'POST') headers['Idempotency-Key'] = random();
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (!answer.ok) throw await refusal(answer);
    return answer.status === 204 ? null : answer.json();
  }
}

async function refusal(answer) {
  return new Refused(answer.status, await answer.json().catch(() => ({})));
}

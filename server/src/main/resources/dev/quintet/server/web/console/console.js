// The console's frame: sign-in, navigation by the address's fragment, one page component per system.
import { LitElement, css, html } from 'lit';
import { look } from '/shared/look.js';
import { Session } from '/shared/session.js';
import './overview.js';
import './users.js';
import './rooms.js';
import './files.js';
import './events.js';
import './sources.js';
import './notifications.js';

const PAGES = {
  overview: ['Overview', (session) => html`<console-overview .session=${session}></console-overview>`],
  users: ['Users', (session) => html`<console-users .session=${session}></console-users>`, 'auth'],
  rooms: ['Rooms', (session) => html`<console-rooms .session=${session}></console-rooms>`, 'chat'],
  files: ['Files', (session) => html`<console-files .session=${session}></console-files>`, 'files'],
  events: ['Events', (session) => html`<console-events .session=${session}></console-events>`, 'analytics'],
  sources: ['Sources', (session) => html`<console-sources .session=${session}></console-sources>`, 'analytics'],
  notifications: ['Notifications', (session) => html`<console-notifications .session=${session}></console-notifications>`, 'notify'],
};

class Console extends LitElement {
  static properties = { page: {}, error: {}, ready: {}, systems: {} };

  static styles = [
    look,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.2rem;
        align-items: center;
        padding: 0.7rem 1.2rem;
        background: var(--surface);
        border-bottom: 1px solid var(--line);
      }
      .brand {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        font-weight: 700;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem;
        flex: 1;
      }
      nav a {
        padding: 0.3rem 0.7rem;
        border-radius: 6px;
        text-decoration: none;
        color: var(--soft);
        white-space: nowrap;
      }
      nav a[aria-current='page'] {
        color: var(--accent-text);
        background: var(--accent);
      }
      main {
        max-width: 72rem;
        margin: 0 auto;
        padding: 1.2rem;
      }
      .door {
        max-width: 24rem;
        margin: 15vh auto 0;
        padding: 1.6rem;
        text-align: center;
      }
      .door button {
        margin: 0.6rem 0;
      }
      @media (max-width: 40rem) {
        nav {
          order: 3;
          flex-basis: 100%;
        }
        nav a {
          padding: 0.25rem 0.55rem;
        }
        .brand {
          flex: 1;
        }
        header,
        main {
          padding: 0.8rem;
        }
        .door {
          margin: 2rem 0.8rem;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.session = new Session('console', 'console', '/console', 'admin');
    this.page = this.#named();
    this.systems = null;
    this.again = false;
    addEventListener('hashchange', () => (this.page = this.#named()));
    this.addEventListener('signed-out', (event) => this.#leave(event.detail));
    this.#enter();
  }

  async #enter() {
    try {
      (await this.session.finishByLink()) || (await this.session.finish());
      if (this.session.signedIn) this.systems = (await this.session.ask('GET', '/api/v1/overview')).systems.map((system) => system.name);
    } catch (refused) {
      this.error = refused.message;
      if (refused.status === 401) this.session.forget();
      if (refused.status === 403 && this.session.signedIn) {
        this.error = `${this.session.claims.name ?? 'This account'} has no right to the console. Sign in as an administrator.`;
        // Without it, the browser's own session would lead straight back here.
        this.again = true;
        this.session.forget();
      }
    }
    this.ready = true;
  }

  #named() {
    const name = location.hash.slice(1);
    return name in PAGES ? name : 'overview';
  }

  updated() {
    document.title = this.session.signedIn && this.systems ? `${PAGES[this.page][0]} · Quintet` : 'Quintet console';
  }

  render() {
    if (!this.ready) return html``;
    if (!this.session.signedIn || !this.systems) return this.#door();
    const pages = Object.entries(PAGES).filter(([, [, , system]]) => !system || this.systems.includes(system));
    return html`
      <header>
        <span class="brand"><img src="/shared/icon.svg" alt="" width="24" height="24" />Quintet</span>
        <nav aria-label="Systems">
          ${pages.map(([name, [title]]) => html`<a href="#${name}" aria-current=${name === this.page ? 'page' : 'false'}>${title}</a>`)}
        </nav>
        <button class="plain" @click=${this.#signOut}>Sign out</button>
      </header>
      <main>${PAGES[this.page][1](this.session)}</main>
    `;
  }

  #door() {
    return html`
      <main class="card door">
        <img src="/shared/icon.svg" alt="" width="48" height="48" />
        <h1>Quintet console</h1>
        ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : ''}
        <p><button @click=${() => this.session.signIn({ again: this.again })}>Sign in</button></p>
        <p class="soft">No account yet? The server printed a one-time link when it first started; <code>./quintet console-link</code> makes another.</p>
      </main>
    `;
  }

  async #signOut() {
    await this.session.signOut({ everywhere: true });
    this.#leave('');
  }

  #leave(error) {
    this.session.forget();
    this.error = error;
    this.systems = null;
  }
}

customElements.define('quintet-console', Console);

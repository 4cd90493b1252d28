// The demo: two people sign in side by side, chat, upload, mention each other, and watch notifications and analytics move.
import { LitElement, css, html } from 'lit';
import { count, look } from '/shared/look.js';
import { Session } from '/shared/session.js';
import './person.js';

// As events go: what comes in stands above what became of it.
const METER = ['received', 'stored', 'pending', 'duplicate', 'rejected'];

class Demo extends LitElement {
  static properties = { ready: {}, error: {}, meter: {} };

  static styles = [
    look,
    css`
      header {
        padding: 1.2rem 1.2rem 0;
        max-width: 72rem;
        margin: 0 auto;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
        gap: 1rem;
        padding: 1.2rem;
        max-width: 72rem;
        margin: 0 auto;
      }
      .meter {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1.4rem;
        margin: 1rem 0 0;
      }
      b {
        font-variant-numeric: tabular-nums;
        color: var(--text);
      }
      @media (max-width: 40rem) {
        header {
          padding: 0.8rem 0.8rem 0;
        }
        .pair {
          padding: 0.8rem;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.people = ['left', 'right'].map((side) => new Session(`demo.${side}`, 'demo', '/demo', 'chat:read chat:write files:read files:write inbox:read'));
    this.#enter();
  }

  async #enter() {
    try {
      for (const person of this.people) await person.finish();
    } catch (refused) {
      this.error = refused.message;
    }
    this.ready = true;
    this.#measure();
    this.timer = setInterval(() => this.#measure(), 1_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  async #measure() {
    const person = this.people.find((candidate) => candidate.signedIn);
    if (person && !document.hidden) this.meter = await person.ask('GET', '/demo/meter').catch(() => undefined);
  }

  render() {
    if (!this.ready) return html``;
    const [left, right] = this.people;
    return html`
      <header>
        <h1>Two people, five systems</h1>
        <p class="soft">
          Sign two people in, side by side. Every message, file, mention and count below goes through the public API of this server.
          People are made in the <a href="/console#users">console</a>.
        </p>
        ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : ''}
        <div class="meter card">
          ${this.meter
            ? html`<strong>Events</strong> ${METER.map((name) => html`<span class="soft">${name} <b>${count(this.meter[name] ?? 0)}</b></span>`)}`
            : html`<span class="soft">The count of events appears once somebody is signed in.</span>`}
        </div>
      </header>
      <main class="pair">
        <demo-person .session=${left} .other=${right} @changed=${() => this.requestUpdate()}></demo-person>
        <demo-person .session=${right} .other=${left} @changed=${() => this.requestUpdate()}></demo-person>
      </main>
    `;
  }
}

customElements.define('quintet-demo', Demo);

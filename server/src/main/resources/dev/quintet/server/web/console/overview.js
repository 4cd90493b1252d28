// The five systems at a glance: one card each, its figures asked again every two seconds. Above them, when there are any, the
// events that the server could not deliver inside itself.
import { css, html } from 'lit';
import { bytes, count } from '/shared/look.js';
import { time } from '/shared/parts.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

const PAGES = { auth: 'users', chat: 'rooms', files: 'files', analytics: 'events', notify: 'notifications' };
// As things go: what comes in stands above what became of it.
const ORDER = ['users', 'rooms', 'messages', 'sockets', 'files', 'bytes', 'received', 'stored', 'notifications', 'pending', 'duplicate', 'rejected'];
const inOrder = (one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name);

class Overview extends Page {
  static styles = [
    ...Page.styles,
    css`
      .grid {
        display: grid;
        gap: 1rem;
        grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
      }
      .grid .card {
        margin: 0;
      }
      .grid h2 {
        margin-bottom: 0.6rem;
      }
      h2 a {
        text-decoration: none;
      }
      h2 a:hover {
        text-decoration: underline;
      }
      dl {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0.3rem 1rem;
        margin: 0;
      }
      dt {
        color: var(--soft);
      }
      dd {
        margin: 0;
        font-weight: 600;
      }
    `,
  ];

  every = 2_000;
  parked = new Listing('/api/v1/parked-events');

  async load() {
    this.overview = await this.session.ask('GET', '/api/v1/overview');
    if (this.overview.parked) await this.parked.refresh(this.session);
  }

  render() {
    return html`
      <h1>Overview</h1>
      ${this.stale()}
      ${this.overview ? '' : this.loading()}
      ${this.overview?.parked ? this.#waiting() : ''}
      <div class="grid">
        ${this.overview?.systems.map(
          ({ name, figures, problem }) => html`
            <section class="card">
              <h2><a href="#${PAGES[name]}">${name}</a></h2>
              ${problem ? html`<p class="bad" role="alert">Stopped: ${problem}. The server’s log says how to go on.</p>` : ''}
              <dl>${figures.toSorted(inOrder).map((figure) => html`<dt>${figure.name}</dt><dd class="number">${this.#shown(figure)}</dd>`)}</dl>
            </section>
          `,
        )}
      </div>
    `;
  }

  #waiting() {
    return html`
      <section aria-label="Parked events">
        <h2>Parked events</h2>
        <p class="soft">A part of the server could not take these; what comes later under the same key waits behind them.</p>
        ${this.complaint()}
        ${this.listed(this.parked, this.#columns, { nothing: 'They have gone through.' })}
      </section>
    `;
  }

  #columns = [
    ['Since', (event) => time(event.parkedAt), 'once'],
    ['Subscriber', (event) => html`<span>${event.subscriber}</span>`, 'once'],
    ['Event', (event) => html`<span>${event.type}</span>`, 'once'],
    ['Key', (event) => html`<code>${event.key}</code>`],
    ['Error', (event) => html`<span>${event.error ?? 'waits behind the one before'}</span>`],
    ['Attempts', (event) => count(event.attempts), 'number'],
    ['Next', (event) => this.#next(event), 'once'],
    ['', (event) => (event.error ? this.#buttons(event) : ''), 'once'],
  ];

  #next({ error, nextAttemptAt }) {
    if (nextAttemptAt) return time(nextAttemptAt);
    return error ? html`<span class="bad">gave up</span>` : '';
  }

  #buttons({ subscriber, key, event }) {
    return html`
      <button class="plain small" aria-label="Retry ${key} for ${subscriber}" @click=${() => this.#go('retry', { subscriber, key })}>Retry</button>
      <button class="plain small" aria-label="Skip ${key} for ${subscriber}" @click=${() => this.#skip({ subscriber, event })}>Skip…</button>
    `;
  }

  #skip(one) {
    if (!confirm(`Skip this event? ${one.subscriber} will never be told it.`)) return;
    this.#go('skip', one);
  }

  async #go(what, wanted) {
    await this.attempt(async () => {
      await this.session.ask('POST', `/api/v1/parked-events/${what}`, wanted);
      await this.load();
    });
  }

  #shown({ name, value }) {
    return name === 'bytes' ? bytes(value) : count(value);
  }
}

customElements.define('console-overview', Overview);

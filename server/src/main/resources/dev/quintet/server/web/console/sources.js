// Sources of events: list, create, change, give a new write key, delete. A key is seen once, when it is made.
import { css, html } from 'lit';
import { when } from '/shared/look.js';
import { id, time } from '/shared/parts.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

const DAY = 86_400;
const GRACES = [
  ['for a day', DAY],
  ['for a week', 7 * DAY],
  ['for 90 days', 90 * DAY],
  ['not any more', 0],
];
const EXAMPLE = 'https://shop.example';

class Sources extends Page {
  static styles = [
    ...Page.styles,
    css`
      .lines {
        display: grid;
        overflow-wrap: anywhere;
      }
      .wide {
        flex: 3 1 14rem;
      }
    `,
  ];

  sources = new Listing('/api/v1/analytics/sources');

  async load() {
    await this.sources.refresh(this.session);
  }

  render() {
    return html`
      <h1>Sources</h1>
      ${this.stale()}
      <form class="card" @submit=${this.#create}>
        <div class="row">
          <label>Name <input name="name" required maxlength="100" autocomplete="off" /></label>
          <label class="wide">Pages that may send <input name="origins" placeholder="all, or ${EXAMPLE}" autocomplete="off" spellcheck="false" /></label>
          <button>Create source</button>
        </div>
        ${this.open ? '' : this.complaint()}
      </form>
      ${this.made ? this.#key(this.made) : ''}
      ${this.listed(this.sources, this.#columns, {
        nothing: 'No sources yet. Create one above and give its write key to a Segment client.',
        selected: (source) => source.id === this.open?.id,
      })}
      ${this.open ? this.#settings() : ''}
    `;
  }

  #columns = [
    ['Name', (source) => html`<span class="lines"><span>${source.name}</span>${this.#oldKey(source)}</span>`],
    ['Pages', (source) => html`<span class="lines">${this.#pages(source)}</span>`],
    ['Since', (source) => time(source.createdAt), 'once'],
    ['Id', (source) => id(source.id)],
    [
      '',
      (source) => html`
        <button class="plain small" aria-label="Change ${source.name}" @click=${() => this.#show(source)}>Change</button>
        <button class="plain small" aria-label="Delete ${source.name}" @click=${() => this.#delete(source)}>Delete</button>
      `,
      'once',
    ],
  ];

  #oldKey({ oldKeyUntil }) {
    return oldKeyUntil ? html`<small class="soft">old key until ${when(oldKeyUntil)}</small>` : '';
  }

  #pages({ allowedOrigins }) {
    if (allowedOrigins.length === 0) return html`<span class="soft">none</span>`;
    if (allowedOrigins[0] === '*') return html`<span class="soft">all</span>`;
    const [first, second, ...more] = allowedOrigins;
    return [first, second, more.length && html`<span class="soft">and ${more.length} more</span>`].filter(Boolean).map((page) => html`<span>${page}</span>`);
  }

  #key({ name, writeKey, oldKeyUntil }) {
    return html`
      <section class="card" aria-label="Write key">
        <div class="head">
          <h2>The write key of ${name}</h2>
          <button class="plain small" @click=${() => this.#forget()}>Close</button>
        </div>
        <p>${id(writeKey)}</p>
        <p class="soft">It is shown this once.${oldKeyUntil ? html` The old one is taken until ${when(oldKeyUntil)}.` : ''}</p>
      </section>
    `;
  }

  #settings() {
    const { open } = this;
    return html`
      <section class="card" aria-label="Change">
        <div class="head">
          <h2>${open.name}</h2>
          <button class="plain small" @click=${() => this.#show(undefined)}>Close</button>
        </div>
        <div class="stack">
          <form class="stack" @submit=${this.#change}>
            <label>Name <input name="name" required maxlength="100" autocomplete="off" .value=${open.name} /></label>
            <label>Pages that may send, one a line; * is all
              <textarea class="code" name="origins" rows="3" spellcheck="false" placeholder=${EXAMPLE} .value=${open.allowedOrigins.join('\n')}></textarea>
            </label>
            <button>Save</button>
          </form>
          <form class="row" @submit=${this.#rotate}>
            <label>The old key is taken
              <select name="grace">${GRACES.map(([words, seconds]) => html`<option value=${seconds}>${words}</option>`)}</select>
            </label>
            <button class="plain">Make new key</button>
          </form>
          ${this.complaint()}
        </div>
      </section>
    `;
  }

  #forget() {
    this.made = undefined;
    this.requestUpdate();
  }

  async #show(source) {
    this.open = source;
    this.refused = undefined;
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector('section[aria-label="Change"]')?.scrollIntoView({ block: 'nearest' });
  }

  async #create(event) {
    const form = event.target;
    const { name, origins } = this.fields(event);
    this.#leave();
    await this.attempt(async () => {
      const allowedOrigins = listed(origins);
      const made = await this.session.ask('POST', '/api/v1/analytics/sources', { name, ...(allowedOrigins.length && { allowedOrigins }) });
      this.made = { name, ...made };
      form.reset();
      await this.load();
    });
  }

  async #change(event) {
    const { name, origins } = this.fields(event);
    await this.attempt(async () => {
      await this.session.ask('PATCH', `/api/v1/analytics/sources/${this.open.id}`, { name, allowedOrigins: listed(origins) });
      this.#leave();
      await this.load();
    });
  }

  async #rotate(event) {
    const { grace } = this.fields(event);
    const { id: source, name } = this.open;
    if (grace === '0' && !confirm(`Refuse the old key of ${name} at once? What still sends with it is lost.`)) return;
    await this.attempt(async () => {
      const made = await this.session.ask('POST', `/api/v1/analytics/sources/${source}/rotate`, { oldKeyExpiresIn: Number(grace) });
      this.made = { name, ...made };
      this.#leave();
      await this.load();
    });
    await this.updateComplete;
    this.renderRoot.querySelector('section[aria-label="Write key"]')?.scrollIntoView({ block: 'nearest' });
  }

  async #delete({ id: source, name }) {
    if (!confirm(`Delete ${name}? Its keys are refused at once; its events stay.`)) return;
    this.#leave();
    await this.attempt(async () => {
      await this.session.ask('DELETE', `/api/v1/analytics/sources/${source}`);
      if (this.made?.id === source) this.made = undefined;
      await this.load();
    });
  }

  #leave() {
    this.open = undefined;
    this.requestUpdate();
  }
}

const listed = (text) => text.split(/[\s,]+/).filter(Boolean);

customElements.define('console-sources', Sources);

// What every console page does: ask the API, show what it refused, ask again while it is looked at, and list things in a table.
import { LitElement, html } from 'lit';
import { look } from '/shared/look.js';
import '/shared/parts.js';

const RETRY = 3_000;

export class Page extends LitElement {
  static styles = [look];

  /** How long after one `load` the next begins while the page is looked at, in milliseconds; 0 = never, unless it failed. */
  every = 0;

  filter = '';

  connectedCallback() {
    super.connectedCallback();
    this.#keepLooking();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  async #keepLooking() {
    if (!document.hidden || !this.looked) await this.look();
    const pause = this.every || (this.lost ? RETRY : 0);
    if (pause && this.isConnected) this.timer = setTimeout(() => this.#keepLooking(), pause);
  }

  /** Loads; what fails here is told until it works again, beside what an action was refused. */
  async look() {
    try {
      await this.load();
      this.looked = true;
      this.lost = undefined;
    } catch (refused) {
      this.lost = refused.message;
      this.#leaveWhenSignedOut(refused);
    }
    this.requestUpdate();
  }

  async load() {}

  /** Runs what somebody asked for and keeps its refusal for `complaint`; says whether it went well. */
  async attempt(work) {
    this.refused = undefined;
    try {
      await work();
      return true;
    } catch (refused) {
      this.refused = refused.message;
      this.#leaveWhenSignedOut(refused);
      return false;
    } finally {
      this.requestUpdate();
    }
  }

  #leaveWhenSignedOut(refused) {
    if (refused.status === 401) {
      this.dispatchEvent(new CustomEvent('signed-out', { bubbles: true, composed: true, detail: refused.message }));
    }
  }

  /** Why the last action was refused; stands below its form. */
  complaint() {
    return this.refused ? html`<p class="error" role="alert">${this.refused}</p>` : '';
  }

  /** Why the page may be old; stands below its title. */
  stale() {
    return this.lost ? html`<p class="error" role="alert">${this.lost}</p>` : '';
  }

  /** Stands where something will; when it could not come, `stale` says why. */
  loading() {
    return this.lost ? '' : html`<p class="empty loading">Loading</p>`;
  }

  /** The values of a submitted form by field name; the form is emptied by the caller when all went well. */
  fields(event) {
    event.preventDefault();
    return Object.fromEntries(new FormData(event.target));
  }

  /**
   * A card with a listing's table, a filter over what is loaded, and a way to more.
   * Columns are [title, cell of an item, class]; a title may be empty.
   */
  listed(listing, columns, { nothing, selected = () => false }) {
    const { items, more } = listing;
    if (!items) return this.loading();
    if (!items.length) return html`<div class="card"><p class="empty">${nothing}</p></div>`;
    const shown = items.filter((item) => JSON.stringify(Object.values(item)).toLowerCase().includes(this.filter.toLowerCase()));
    return html`
      <div class="card">
        <div class="head">
          <input type="search" placeholder="Filter" aria-label="Filter" .value=${this.filter} @input=${this.#filtered} />
          <span class="soft" aria-live="polite">${shown.length === items.length ? '' : `${shown.length} of `}${items.length}${more ? '+' : ''}</span>
        </div>
        ${shown.length ? this.table(columns, shown, selected) : html`<p class="empty">Nothing here matches "${this.filter}".</p>`}
        ${more ? html`<p><button class="plain" @click=${() => this.#extend(listing)}>Load more</button></p>` : ''}
      </div>
    `;
  }

  // Roles are written out, because a table that is laid out as cards loses its own.
  table(columns, items, selected = () => false) {
    return html`
      <table class="cards" role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map(([title, , kind]) => (title ? html`<th role="columnheader" class=${kind ?? ''}>${title}</th>` : html`<td role="cell"></td>`))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${items.map(
            (item) => html`
              <tr role="row" aria-current=${selected(item)}>
                ${columns.map(([title, cell, kind]) => html`<td role="cell" data-title=${title} class=${kind ?? ''}>${cell(item)}</td>`)}
              </tr>
            `,
          )}
        </tbody>
      </table>
    `;
  }

  #filtered(event) {
    this.filter = event.target.value;
    this.requestUpdate();
  }

  async #extend(listing) {
    listing.extend();
    await this.look();
  }
}

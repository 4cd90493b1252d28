// What every console page does: ask the API, show what it refused, ask again while it is looked at.
import { LitElement, html } from 'lit';
import { look } from '/shared/look.js';

export class Page extends LitElement {
  static styles = [look];

  /** How often `load` runs again while the page is visible, in milliseconds; 0 = never. */
  every = 0;

  connectedCallback() {
    super.connectedCallback();
    this.attempt(() => this.load());
    if (this.every) {
      this.timer = setInterval(() => {
        if (!document.hidden) this.attempt(() => this.load());
      }, this.every);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  async load() {}

  /** Runs `work` and keeps its refusal for `complaint`. */
  async attempt(work) {
    try {
      const result = await work();
      this.refused = undefined;
      return result;
    } catch (refused) {
      this.refused = refused.message;
    } finally {
      this.requestUpdate();
    }
  }

  complaint() {
    return this.refused ? html`<p class="error" role="alert">${this.refused}</p>` : '';
  }

  /** The values of a submitted form by field name; the form is emptied by the caller when all went well. */
  fields(event) {
    event.preventDefault();
    return Object.fromEntries(new FormData(event.target));
  }
}

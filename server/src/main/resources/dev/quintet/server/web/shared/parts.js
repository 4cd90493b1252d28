// Two small things that stand in many places: a time that ages, and an id that can be copied.
import { LitElement, css, html } from 'lit';
import { look, when } from './look.js';

const WORDS = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const STEPS = [
  [60, 'second', 1],
  [3_600, 'minute', 60],
  [86_400, 'hour', 3_600],
  [7 * 86_400, 'day', 86_400],
];

/** How long ago, for a week; then the day. The whole moment is the tooltip. */
function ago(at) {
  const seconds = Math.round((Date.now() - new Date(at)) / 1000);
  const step = STEPS.find(([under]) => Math.abs(seconds) < under);
  return step ? WORDS.format(-Math.trunc(seconds / step[2]), step[1]) : new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

class Time extends LitElement {
  static properties = { at: {} };
  static styles = css`
    time {
      white-space: nowrap;
    }
  `;

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.requestUpdate(), 10_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  render() {
    return html`<time datetime=${this.at} title=${when(this.at)}>${ago(this.at)}</time>`;
  }
}

class Id extends LitElement {
  static properties = { value: {}, copied: { state: true } };
  static styles = [
    look,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 0.3rem;
        max-width: 100%;
        min-width: 0;
        vertical-align: bottom;
      }
      code {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      button.plain {
        padding: 0 0.35rem;
        height: 1.5rem;
        font-size: 0.75rem;
        font-weight: 500;
        border-color: transparent;
      }
      button.plain:hover {
        border-color: var(--edge);
      }
    `,
  ];

  render() {
    // A page without https, other than on this very machine, is given no clipboard.
    const copy = navigator.clipboard
      ? html`<button type="button" class="plain" aria-label="Copy ${this.value}" @click=${this.#copy}>${this.copied ? 'Copied' : 'Copy'}</button>`
      : '';
    return html`<code title=${this.value}>${this.value}</code>${copy}`;
  }

  async #copy() {
    await navigator.clipboard.writeText(this.value);
    this.copied = true;
    setTimeout(() => (this.copied = false), 1_500);
  }
}

customElements.define('quintet-time', Time);
customElements.define('quintet-id', Id);

export const time = (at) => (at ? html`<quintet-time .at=${at}></quintet-time>` : '');
export const id = (value) => html`<quintet-id .value=${value}></quintet-id>`;

// The five systems at a glance: one card each, its figures asked again every two seconds.
import { css, html } from 'lit';
import { bytes, count } from '/shared/look.js';
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
      .card {
        margin: 0;
      }
      h2 {
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

  async load() {
    this.overview = await this.session.ask('GET', '/api/v1/overview');
  }

  render() {
    return html`
      <h1>Overview</h1>
      ${this.stale()}
      ${this.overview ? '' : this.loading()}
      <div class="grid">
        ${this.overview?.systems.map(
          ({ name, figures }) => html`
            <section class="card">
              <h2><a href="#${PAGES[name]}">${name}</a></h2>
              <dl>${figures.toSorted(inOrder).map((figure) => html`<dt>${figure.name}</dt><dd class="number">${this.#shown(figure)}</dd>`)}</dl>
            </section>
          `,
        )}
      </div>
    `;
  }

  #shown({ name, value }) {
    return name === 'bytes' ? bytes(value) : count(value);
  }
}

customElements.define('console-overview', Overview);

// The five systems at a glance: one card each, its figures asked again every two seconds.
import { css, html } from 'lit';
import { Page } from './page.js';

class Overview extends Page {
  static styles = [
    ...Page.styles,
    css`
      .grid {
        display: grid;
        gap: 1rem;
        grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
      }
      .card {
        margin: 0;
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
        font-variant-numeric: tabular-nums;
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
      ${this.complaint()}
      <div class="grid">
        ${this.overview?.systems.map(
          (system) => html`
            <section class="card">
              <h2>${system.name}</h2>
              <dl>${system.figures.map(({ name, value }) => html`<dt>${name}</dt><dd>${value.toLocaleString()}</dd>`)}</dl>
            </section>
          `,
        )}
      </div>
    `;
  }
}

customElements.define('console-overview', Overview);

// Events: the ledger, the newest ones live, a SQL box over all of them, and a chart of the last hour.
import { css, html } from 'lit';
import * as echarts from 'echarts';
import { Page } from './page.js';

const NEWEST = `select received_at, type, event, user_id, source from events order by received_at desc limit 20`;
const BY_MINUTE = `select date_trunc('minute', received_at) as minute, count(*) as events
from events where received_at > now() - interval 1 hour group by 1 order by 1`;
const DARK = matchMedia('(prefers-color-scheme: dark)');

class Events extends Page {
  static styles = [
    ...Page.styles,
    css`
      .chart {
        height: 14rem;
        overflow: hidden;
      }
      .ledger {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.6rem;
      }
      b {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  every = 2_000;
  sql = 'select event, count(*) as n from events group by event order by n desc';

  async load() {
    this.ledger = await this.session.ask('GET', '/api/v1/analytics/ledger');
    if (this.ledger.received !== this.seen) {
      this.newest = await this.#query(NEWEST);
      this.#draw(await this.#query(BY_MINUTE));
      if (this.ledger.pending === 0) this.seen = this.ledger.received;
    }
  }

  #query(sql) {
    return this.session.ask('POST', '/api/v1/analytics/query', { sql });
  }

  /** The chart follows its place's width and the colours of light and dark. */
  firstUpdated() {
    this.place = this.renderRoot.querySelector('.chart');
    this.sizes = new ResizeObserver(() => this.chart?.resize());
    this.sizes.observe(this.place);
    DARK.addEventListener('change', this.#redraw);
  }

  #redraw = () => this.byMinute && this.#draw(this.byMinute);

  #draw(byMinute) {
    this.byMinute = byMinute;
    this.chart ??= echarts.init(this.place, null, { renderer: 'svg' });
    const style = getComputedStyle(this);
    const [accent, soft, line] = ['--accent', '--soft', '--line'].map((name) => style.getPropertyValue(name).trim());
    const axis = { axisLabel: { color: soft }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } } };
    this.chart.setOption({
      animation: false,
      grid: { left: 45, right: 15, top: 15, bottom: 30 },
      xAxis: { ...axis, type: 'time', min: Date.now() - 3_600_000, max: Date.now(), splitLine: { show: false } },
      yAxis: { ...axis, type: 'value', minInterval: 1 },
      series: [{ type: 'bar', itemStyle: { color: accent }, barMaxWidth: 18, data: byMinute.rows }],
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    DARK.removeEventListener('change', this.#redraw);
    this.sizes?.disconnect();
    this.chart?.dispose();
  }

  render() {
    return html`
      <h1>Events</h1>
      ${this.complaint()}
      <section class="card">
        <div class="ledger">
          ${Object.entries(this.ledger ?? {}).map(([term, count]) => html`<span class="soft">${term} <b>${count.toLocaleString()}</b></span>`)}
        </div>
        <div class="chart" role="img" aria-label="Events by minute in the last hour"></div>
      </section>
      <form class="card" @submit=${this.#run}>
        <label><span>SQL over <code>events</code></span> <textarea name="sql" rows="4" spellcheck="false" .value=${this.sql}></textarea></label>
        <p><button>Run query</button></p>
        ${this.answer ? this.#table(this.answer) : ''}
      </form>
      <section class="card">
        <h2>Newest</h2>
        ${this.newest?.rows.length ? this.#table(this.newest) : html`<p class="empty">No events yet. Point a Segment client at this server.</p>`}
      </section>
    `;
  }

  #table({ columns, rows }) {
    return html`<div class="scroll">
      <table>
        <thead><tr>${columns.map((column) => html`<th title=${column.type}>${column.name}</th>`)}</tr></thead>
        <tbody>
          ${rows.map((row) => html`<tr>${row.map((value) => html`<td>${value === null ? html`<span class="soft">null</span>` : String(value)}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>`;
  }

  async #run(event) {
    const { sql } = this.fields(event);
    this.sql = sql;
    await this.attempt(async () => (this.answer = await this.#query(sql)));
  }
}

customElements.define('console-events', Events);

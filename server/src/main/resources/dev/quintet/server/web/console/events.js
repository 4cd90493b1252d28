// Events: the ledger, a chart of the last hour, a SQL box over all of them, the newest ones live, and who is to be forgotten.
import { css, html } from 'lit';
import { bytes, count } from '/shared/look.js';
import { id, time } from '/shared/parts.js';
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
      .wide {
        flex: 3 1 14rem;
      }
      b {
        font-variant-numeric: tabular-nums;
        color: var(--text);
      }
      .answer td {
        white-space: nowrap;
        overflow-wrap: normal;
      }
    `,
  ];

  every = 2_000;
  sql = 'select event, count(*) as n from events group by event order by n desc';

  async load() {
    this.ledger = await this.session.ask('GET', '/api/v1/analytics/ledger');
    if (this.erasure?.state === 'waiting') this.erasure = await this.session.ask('GET', `/api/v1/analytics/erasures/${this.erasure.id}`);
    this.requestUpdate();
    if (this.ledger.received !== this.seen) {
      this.newest = await this.#query(NEWEST);
      this.requestUpdate();
      await this.#draw(await this.#query(BY_MINUTE));
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

  async #draw(byMinute) {
    const echarts = await import('echarts');
    if (!this.isConnected) return;
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

  #setAside(gaps) {
    return html`<p class="bad">${count(gaps.length)} damaged ${gaps.length === 1 ? 'piece' : 'pieces'} of the event log, ${bytes(gaps.reduce((sum, gap) => sum + gap.bytes, 0))}, ${gaps.length === 1 ? 'was' : 'were'} set aside; the events in ${gaps.length === 1 ? 'it' : 'them'} are in no figure.</p>`;
  }

  render() {
    return html`
      <h1>Events</h1>
      ${this.stale()}
      <section class="card" aria-label="The last hour">
        <div class="ledger">
          ${Object.entries(this.ledger ?? {}).filter(([, n]) => Number.isInteger(n)).map(([term, n]) => html`<span class="soft">${term} <b>${count(n)}</b></span>`)}
        </div>
        ${this.ledger?.setAside.length ? this.#setAside(this.ledger.setAside) : ''}
        <div class="chart" role="img" aria-label="Events by minute in the last hour"></div>
      </section>
      <form class="card stack" @submit=${this.#run} @keydown=${this.#runByKey}>
        <label><span>SQL over <code>events</code></span> <textarea class="code" name="sql" rows="4" spellcheck="false" .value=${this.sql}></textarea></label>
        <div class="line"><button ?disabled=${this.asking}>Run query</button> <span class="soft">Ctrl + Enter</span></div>
        ${this.erasing ? '' : this.complaint()} ${this.answer ? this.#answer(this.answer) : ''}
      </form>
      <section class="card" aria-label="Newest">
        <div class="head"><h2>Newest</h2></div>
        ${this.newest?.rows.length ? this.table(NEWEST_COLUMNS, this.newest.rows) : ''}
        ${this.newest?.rows.length === 0 ? html`<p class="empty">No events yet. Point a Segment client at this server.</p>` : ''}
        ${this.newest ? '' : this.loading()}
      </section>
      <form class="card" @submit=${this.#erase}>
        <div class="row">
          <label>Forget <select name="kind"><option value="userId">a user</option><option value="anonymousId">a device</option></select></label>
          <label class="wide">Id, as events hold it <input name="id" required maxlength="1000" autocomplete="off" spellcheck="false" /></label>
          <button class="plain">Erase</button>
        </div>
        ${this.erasing ? this.complaint() : ''} ${this.erasure ? this.#erasure(this.erasure) : ''}
      </form>
    `;
  }

  #erasure({ state, id: erasure, doneAt }) {
    return state === 'done'
      ? html`<p role="status">Erased ${time(doneAt)}. No query finds it any more, and within the hour no file holds it. ${id(erasure)}</p>`
      : html`<p class="soft" role="status">It will be erased, also if the server ends meanwhile. ${id(erasure)}</p>`;
  }

  async #erase(event) {
    const form = event.target;
    const { kind, id: subject } = this.fields(event);
    if (!confirm(`Erase ${subject} from all events? It can't be undone.`)) return;
    this.erasing = true;
    await this.attempt(async () => {
      this.erasure = await this.session.ask('POST', '/api/v1/analytics/erasures', { [kind]: subject });
      form.reset();
    });
  }

  #answer({ columns, rows, truncated, took }) {
    return html`
      <p class="soft" role="status">${count(rows.length)}${truncated ? '+' : ''} ${rows.length === 1 ? 'row' : 'rows'} in ${count(took)} ms</p>
      ${rows.length
        ? html`<div class="scroll" tabindex="0" role="region" aria-label="Answer">
            <table class="answer">
              <thead><tr>${columns.map((column) => html`<th title=${column.type} class=${numeric(column)}>${column.name}</th>`)}</tr></thead>
              <tbody>${rows.map((row) => html`<tr>${row.map((value, at) => html`<td class=${numeric(columns[at])}>${shown(value)}</td>`)}</tr>`)}</tbody>
            </table>
          </div>`
        : ''}
    `;
  }

  #runByKey(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  }

  async #run(event) {
    this.sql = this.fields(event).sql;
    this.answer = undefined;
    this.asking = true;
    this.erasing = false;
    const begun = performance.now();
    await this.attempt(async () => {
      this.answer = { ...(await this.#query(this.sql)), took: Math.round(performance.now() - begun) };
    });
    this.asking = false;
    this.requestUpdate();
  }
}

const NEWEST_COLUMNS = [
  ['Received', ([received]) => time(received), 'once'],
  ['Type', ([, type]) => type, 'once'],
  ['Event', ([, , event]) => html`<span>${event}</span>`],
  ['User', ([, , , user]) => (user?.startsWith('user_') ? id(user) : html`<span>${user}</span>`)],
  ['Source', ([, , , , source]) => id(source)],
];

const numeric = ({ type }) => (/INT|DECIMAL|DOUBLE|FLOAT/.test(type) ? 'number' : '');

const shown = (value) => {
  if (value === null) return html`<span class="soft">null</span>`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

customElements.define('console-events', Events);

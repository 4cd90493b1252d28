// Notifications: send one, list the latest, and the timeline of every attempt of the one that is open.
import { html } from 'lit';
import { count, when } from '/shared/look.js';
import { id, time } from '/shared/parts.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

const COLOUR = { delivered: 'good', failed: 'bad', retrying: 'warn', interrupted: 'warn', skipped: 'soft' };
const PRIORITIES = ['normal', 'critical', 'high', 'bulk'];

class Notifications extends Page {
  every = 2_000;
  sent = new Listing('/api/v1/notifications');

  async load() {
    await this.sent.refresh(this.session);
    if (this.open) await this.#follow();
  }

  async #follow() {
    this.attempts = (await this.session.ask('GET', `/api/v1/notifications/${this.open.id}/deliveries?limit=200`)).items;
  }

  render() {
    return html`
      <h1>Notifications</h1>
      ${this.stale()}
      <form class="card stack" @submit=${this.#send}>
        <div class="row">
          <label>To <input name="to" required placeholder="user_... or name@example.com" autocomplete="off" /></label>
          <label>Priority
            <select name="priority">${PRIORITIES.map((priority) => html`<option>${priority}</option>`)}</select>
          </label>
          <label>Title <input name="title" required autocomplete="off" /></label>
        </div>
        <label>Text <textarea name="body" rows="2" required></textarea></label>
        <button>Send</button>
        ${this.complaint()}
      </form>
      ${this.listed(this.sent, this.#columns, {
        nothing: 'Nothing sent yet. Try the form above: a person finds it in the inbox, an address gets a mail.',
        selected: (sent) => sent.id === this.open?.id,
      })}
      ${this.open ? this.#timeline() : ''}
    `;
  }

  #columns = [
    ['Sent', (sent) => time(sent.createdAt), 'once'],
    ['Title', (sent) => html`<span>${sent.title}</span>`],
    ['Priority', (sent) => sent.priority, 'once'],
    ['State', (sent) => sent.state, 'once'],
    ['Deliveries', (sent) => html`<span>${this.#counts(sent.counts)}</span>`],
    [
      '',
      (sent) => html`<button class="plain small" aria-label="Timeline of ${sent.title}" @click=${() => this.#show(sent)}>Timeline</button>`,
      'once',
    ],
  ];

  #counts({ delivered, failed, skipped, pending }) {
    const some = Object.entries({ delivered, failed, skipped, pending }).filter(([, n]) => n > 0);
    return some.map(([outcome, n], at) => html`${at ? ', ' : ''}<span class=${COLOUR[outcome] ?? 'warn'}>${count(n)} ${outcome}</span>`);
  }

  #timeline() {
    return html`
      <section class="card" aria-label="Timeline">
        <div class="head">
          <h2>${this.open.title}</h2>
          <button class="plain small" @click=${() => this.#show(undefined)}>Close</button>
        </div>
        <p>${id(this.open.id)}</p>
        ${this.attempts?.length ? this.table(ATTEMPT, this.attempts) : ''}
        ${this.attempts?.length === 0 ? html`<p class="empty">No attempt yet.</p>` : ''}
      </section>
    `;
  }

  async #show(sent) {
    this.open = sent;
    this.attempts = undefined;
    this.requestUpdate();
    if (!sent) return;
    if (await this.attempt(() => this.#follow())) {
      await this.updateComplete;
      this.renderRoot.querySelector('section')?.scrollIntoView({ block: 'nearest' });
    }
  }

  async #send(event) {
    const form = event.target;
    const { to, priority, title, body } = this.fields(event);
    await this.attempt(async () => {
      await this.session.ask('POST', '/api/v1/notifications', {
        to: [to.startsWith('user_') ? { user: to } : { email: to }],
        priority,
        content: { title, body },
      });
      form.reset();
      await this.load();
    });
  }
}

const ATTEMPT = [
  ['At', (attempt) => when(attempt.at), 'once'],
  ['Channel', (attempt) => attempt.channel, 'once'],
  ['Recipient', (attempt) => (attempt.recipient.startsWith('user_') ? id(attempt.recipient) : html`<span>${attempt.recipient}</span>`)],
  ['Attempt', (attempt) => attempt.attempt, 'number'],
  ['Outcome', (attempt) => html`<span class=${COLOUR[attempt.outcome] ?? ''}>${attempt.outcome}</span>`],
  ['Answer', (attempt) => html`<span>${attempt.detail ?? ''}</span>`],
];

customElements.define('console-notifications', Notifications);

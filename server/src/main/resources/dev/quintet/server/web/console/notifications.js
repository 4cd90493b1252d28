// Notifications: send one, list the latest, and the timeline of every attempt of the one that is open.
import { html } from 'lit';
import { when } from '/shared/look.js';
import { Page } from './page.js';

const COLOUR = { delivered: 'good', failed: 'bad', retrying: 'warn' };

class Notifications extends Page {
  every = 2_000;

  async load() {
    this.items = (await this.session.ask('GET', '/api/v1/notifications?limit=50')).items;
    if (this.open) this.attempts = (await this.session.ask('GET', `/api/v1/notifications/${this.open}/deliveries?limit=100`)).items;
  }

  render() {
    return html`
      <h1>Notifications</h1>
      <form class="card" @submit=${this.#send}>
        <div class="row">
          <label>To <input name="to" required placeholder="user_... or name@example.com" autocomplete="off" /></label>
          <label>Priority
            <select name="priority"><option>normal</option><option>critical</option><option>high</option><option>bulk</option></select>
          </label>
          <label>Title <input name="title" required autocomplete="off" /></label>
        </div>
        <p><label>Text <textarea name="body" rows="2" required></textarea></label></p>
        <button>Send</button>
      </form>
      ${this.complaint()}
      <div class="card scroll">
        ${this.items?.length
          ? html`<table>
              <thead><tr><th>At</th><th>Title</th><th>Priority</th><th>State</th><th>Delivered</th><th>Failed</th><td></td></tr></thead>
              <tbody>
                ${this.items.map(
                  (item) => html`<tr>
                    <td>${when(item.createdAt)}</td><td>${item.title}</td><td>${item.priority}</td><td>${item.state}</td>
                    <td>${item.counts.delivered} of ${item.counts.total}</td><td>${item.counts.failed}</td>
                    <td><button class="plain" @click=${() => this.#show(item.id)}>Timeline</button></td>
                  </tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">${this.items ? 'Nothing sent yet.' : 'Loading'}</p>`}
      </div>
      ${this.open ? this.#timeline() : ''}
    `;
  }

  #timeline() {
    return html`
      <section class="card scroll">
        <h2>Timeline of <code>${this.open}</code></h2>
        ${this.attempts?.length
          ? html`<table>
              <thead><tr><th>At</th><th>Channel</th><th>Recipient</th><th>Attempt</th><th>Outcome</th><th>Answer</th></tr></thead>
              <tbody>
                ${this.attempts.map(
                  (attempt) => html`<tr>
                    <td>${when(attempt.at)}</td><td>${attempt.channel}</td><td><code>${attempt.recipient}</code></td><td>${attempt.attempt}</td>
                    <td class=${COLOUR[attempt.outcome] ?? ''}>${attempt.outcome}</td><td>${attempt.detail ?? ''}</td>
                  </tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">No attempt yet.</p>`}
      </section>
    `;
  }

  #show(id) {
    this.open = id;
    this.attempts = undefined;
    this.attempt(() => this.load());
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

customElements.define('console-notifications', Notifications);

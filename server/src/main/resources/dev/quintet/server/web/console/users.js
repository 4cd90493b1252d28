// People who can sign in: list and create.
import { html } from 'lit';
import { id, time } from '/shared/parts.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

const COLUMNS = [
  ['Name', (user) => user.name],
  ['Email', (user) => user.email],
  ['Rights', (user) => html`<span title=${user.scopes.join(', ')}>${user.scopes.includes('admin') ? 'administrator' : 'user'}</span>`, 'once'],
  ['Id', (user) => id(user.id)],
  ['Since', (user) => time(user.createdAt), 'once'],
];

class Users extends Page {
  users = new Listing('/api/v1/users');

  async load() {
    await this.users.refresh(this.session);
  }

  render() {
    return html`
      <h1>Users</h1>
      ${this.stale()}
      <form class="card" @submit=${this.#create}>
        <div class="row">
          <label>Name <input name="name" required autocomplete="off" /></label>
          <label>Email <input name="email" type="email" required autocomplete="off" /></label>
          <label>Password <input name="password" type="password" required minlength="8" autocomplete="new-password" /></label>
          <label>Rights
            <select name="rights">
              <option>user</option>
              <option>administrator</option>
            </select>
          </label>
          <button>Create user</button>
        </div>
        ${this.complaint()}
        ${this.made ? html`<p class="good" role="status">${this.made.name} can sign in now: ${id(this.made.id)}</p>` : ''}
      </form>
      ${this.listed(this.users, COLUMNS, { nothing: 'Nobody yet. Create the first user above.' })}
    `;
  }

  async #create(event) {
    const form = event.target;
    const { rights, ...user } = this.fields(event);
    // Left out, scopes are what the server's settings give a user.
    if (rights === 'administrator') user.scopes = ['admin'];
    this.made = undefined;
    await this.attempt(async () => {
      this.made = { name: user.name, ...(await this.session.ask('POST', '/api/v1/users', user)) };
      form.reset();
      await this.load();
    });
  }
}

customElements.define('console-users', Users);

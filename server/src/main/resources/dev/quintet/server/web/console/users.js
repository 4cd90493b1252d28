// People who can sign in: list and create.
import { html } from 'lit';
import { when } from '/shared/look.js';
import { Page } from './page.js';

class Users extends Page {
  async load() {
    this.users = (await this.session.ask('GET', '/api/v1/users?limit=100')).items;
  }

  render() {
    return html`
      <h1>Users</h1>
      <form class="card row" @submit=${this.#create}>
        <label>Name <input name="name" required autocomplete="off" /></label>
        <label>Email <input name="email" type="email" required autocomplete="off" /></label>
        <label>Password <input name="password" type="password" required minlength="8" autocomplete="new-password" /></label>
        <button>Create user</button>
      </form>
      ${this.complaint()}
      <div class="card scroll">
        ${this.users?.length
          ? html`<table>
              <thead><tr><th>Name</th><th>Email</th><th>Id</th><th>Since</th></tr></thead>
              <tbody>
                ${this.users.map(
                  (user) => html`<tr><td>${user.name}</td><td>${user.email}</td><td><code>${user.id}</code></td><td>${when(user.createdAt)}</td></tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">${this.users ? 'Nobody yet. Create the first user above.' : 'Loading'}</p>`}
      </div>
    `;
  }

  async #create(event) {
    const form = event.target;
    const fields = this.fields(event);
    await this.attempt(async () => {
      await this.session.ask('POST', '/api/v1/users', fields);
      form.reset();
      await this.load();
    });
  }
}

customElements.define('console-users', Users);

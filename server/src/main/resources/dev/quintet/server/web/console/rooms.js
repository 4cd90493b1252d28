// Chat rooms: list, create, and the messages of the one that is open.
import { html } from 'lit';
import { when } from '/shared/look.js';
import { Page } from './page.js';

const SHOWN = 50;

class Rooms extends Page {
  every = 2_000;

  async load() {
    this.rooms = (await this.session.ask('GET', '/api/v1/chat/rooms?limit=100')).items;
    if (this.open) {
      const room = this.rooms.find((candidate) => candidate.id === this.open);
      const after = Math.max(0, (room?.lastSeq ?? 0) - SHOWN);
      this.messages = (await this.session.ask('GET', `/api/v1/chat/rooms/${this.open}/messages?after=${after}&limit=${SHOWN}`)).items;
    }
  }

  render() {
    return html`
      <h1>Rooms</h1>
      <form class="card row" @submit=${this.#create}>
        <label>Name <input name="name" required autocomplete="off" /></label>
        <label>Members, ids by comma <input name="members" required placeholder="user_..., user_..." autocomplete="off" /></label>
        <button>Create group</button>
      </form>
      ${this.complaint()}
      <div class="card scroll">
        ${this.rooms?.length
          ? html`<table>
              <thead><tr><th>Name</th><th>Kind</th><th>Members</th><th>Messages</th><th>Id</th><td></td></tr></thead>
              <tbody>
                ${this.rooms.map(
                  (room) => html`<tr>
                    <td>${room.name || '(no name)'}</td><td>${room.kind}</td><td>${room.memberCount}</td><td>${room.lastSeq}</td>
                    <td><code>${room.id}</code></td>
                    <td><button class="plain" @click=${() => this.#show(room.id)}>Open</button></td>
                  </tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">${this.rooms ? 'No rooms yet.' : 'Loading'}</p>`}
      </div>
      ${this.open ? this.#messages() : ''}
    `;
  }

  #messages() {
    return html`
      <section class="card scroll">
        <h2>Messages of <code>${this.open}</code></h2>
        ${this.messages?.length
          ? html`<table>
              <thead><tr><th>No.</th><th>At</th><th>Sender</th><th>Text</th></tr></thead>
              <tbody>
                ${this.messages.map(
                  (message) =>
                    html`<tr><td>${message.seq}</td><td>${when(message.at)}</td><td><code>${message.sender ?? 'erased'}</code></td><td>${message.text}</td></tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">No messages yet.</p>`}
      </section>
    `;
  }

  #show(room) {
    this.open = room;
    this.messages = undefined;
    this.attempt(() => this.load());
  }

  async #create(event) {
    const form = event.target;
    const { name, members } = this.fields(event);
    await this.attempt(async () => {
      await this.session.ask('POST', '/api/v1/chat/rooms', { kind: 'group', name, members: members.split(',').map((id) => id.trim()) });
      form.reset();
      await this.load();
    });
  }
}

customElements.define('console-rooms', Rooms);

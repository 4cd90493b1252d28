// Chat rooms: list, create, and the messages of the one that is open.
import { css, html } from 'lit';
import { count } from '/shared/look.js';
import { id, time } from '/shared/parts.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

const SHOWN = 50;

class Rooms extends Page {
  static styles = [
    ...Page.styles,
    css`
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        padding: 0.45rem 0;
        border-bottom: 1px solid var(--line);
        overflow-wrap: anywhere;
      }
      li:last-child {
        border-bottom: 0;
      }
      .by {
        display: flex;
        gap: 0.6rem;
        align-items: baseline;
        font-size: 0.85rem;
      }
      .by span:last-child {
        margin-left: auto;
      }
    `,
  ];

  every = 2_000;
  rooms = new Listing('/api/v1/chat/rooms');
  names = new Map();

  async load() {
    await this.rooms.refresh(this.session);
    if (this.open) await this.#read();
  }

  async #read() {
    const room = this.rooms.items.find((candidate) => candidate.id === this.open.id) ?? this.open;
    const after = Math.max(0, room.lastSeq - SHOWN);
    const { items } = await this.session.ask('GET', `/api/v1/chat/rooms/${room.id}/messages?after=${after}&limit=${SHOWN}`);
    await Promise.all(items.map(({ sender }) => this.#learn(sender)));
    this.open = room;
    this.messages = items;
  }

  /** Who a sender is; somebody whom nobody knows any more stays an id. */
  async #learn(sender) {
    if (!sender || this.names.has(sender)) return;
    this.names.set(sender, undefined);
    const person = await this.session.ask('GET', `/api/v1/people/${sender}`).catch(() => ({}));
    this.names.set(sender, person.name);
  }

  render() {
    return html`
      <h1>Rooms</h1>
      ${this.stale()}
      <form class="card" @submit=${this.#create}>
        <div class="row">
          <label>Name <input name="name" required autocomplete="off" /></label>
          <label>Members <input name="members" required placeholder="user_..., user_..." autocomplete="off" /></label>
          <button>Create group</button>
        </div>
        ${this.complaint()}
      </form>
      ${this.listed(this.rooms, this.#columns, {
        nothing: 'No rooms yet. They are made here, over the API, or by the demo.',
        selected: (room) => room.id === this.open?.id,
      })}
      ${this.open ? this.#messages() : ''}
    `;
  }

  #columns = [
    ['Name', (room) => room.name || html`<span class="soft">${room.kind}</span>`],
    ['Kind', (room) => room.kind, 'once'],
    ['Members', (room) => count(room.memberCount), 'number'],
    ['Messages', (room) => count(room.lastSeq), 'number'],
    ['Since', (room) => time(room.createdAt), 'once'],
    ['Id', (room) => id(room.id)],
    ['', (room) => html`<button class="plain small" aria-label="Open ${room.name || room.id}" @click=${() => this.#show(room)}>Open</button>`, 'once'],
  ];

  #messages() {
    const { open, messages } = this;
    return html`
      <section class="card" aria-label="Messages">
        <div class="head">
          <h2>${open.name || id(open.id)}</h2>
          <button class="plain small" @click=${() => this.#show(undefined)}>Close</button>
        </div>
        ${messages && open.lastSeq > messages.length ? html`<p class="soft">The last ${messages.length} of ${count(open.lastSeq)} messages</p>` : ''}
        ${messages?.length ? html`<ol>${messages.map((message) => this.#message(message))}</ol>` : ''}
        ${messages?.length === 0 ? html`<p class="empty">No messages yet.</p>` : ''}
      </section>
    `;
  }

  #message({ sender, seq, at, text, type }) {
    const gone = type === 'erased';
    return html`
      <li>
        <div class="by">
          <strong>${sender ? (this.names.get(sender) ?? id(sender)) : 'erased'}</strong>
          <span class="soft">${time(at)}</span>
          <span class="soft">${count(seq)}</span>
        </div>
        ${gone ? html`<span class="soft">This message was erased with its sender.</span>` : text}
      </li>
    `;
  }

  async #show(room) {
    this.open = room;
    this.messages = undefined;
    this.requestUpdate();
    if (!room) return;
    if (await this.attempt(() => this.#read())) {
      await this.updateComplete;
      this.renderRoot.querySelector('section')?.scrollIntoView({ block: 'nearest' });
    }
  }

  async #create(event) {
    const form = event.target;
    const { name, members } = this.fields(event);
    await this.attempt(async () => {
      await this.session.ask('POST', '/api/v1/chat/rooms', { kind: 'group', name, members: members.split(/[\s,]+/).filter(Boolean) });
      form.reset();
      await this.load();
    });
  }
}

customElements.define('console-rooms', Rooms);

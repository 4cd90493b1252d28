// One half of the demo: a signed-in person with a chat, a paper clip and a bell.
import { LitElement, css, html } from 'lit';
import { bytes, look } from '/shared/look.js';
import { time } from '/shared/parts.js';
import { Socket } from '/shared/socket.js';
import { upload } from '/shared/upload.js';

const ADDRESS = /(https?:\/\/\S+)/;

/** A text with its addresses as links; a shared file is called by its name. */
const linked = (text) =>
  text.split(ADDRESS).map((part) => {
    if (!ADDRESS.test(part)) return part;
    const { origin, pathname } = new URL(part);
    const ours = origin === location.origin && pathname.startsWith('/f/');
    return html`<a href=${part} rel="noreferrer">${ours ? decodeURIComponent(pathname.split('/').pop()) : part}</a>`;
  });

class Person extends LitElement {
  static properties = { session: {}, other: {}, room: {}, messages: {}, state: {}, inbox: {}, refused: {}, sending: {} };

  static styles = [
    look,
    css`
      .card {
        display: flex;
        flex-direction: column;
        gap: 0.8rem;
        min-height: 16rem;
        height: 100%;
        margin: 0;
      }
      .head {
        margin: 0;
      }
      .head h2 {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .door {
        margin: auto;
        text-align: center;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 0.35rem;
        align-content: start;
      }
      .chat {
        flex: 1 0 12rem;
        max-height: 20rem;
        overflow-y: auto;
        overscroll-behavior: contain;
      }
      li {
        background: var(--ground);
        border-radius: 8px;
        padding: 0.35rem 0.6rem;
        overflow-wrap: anywhere;
        min-width: 0;
      }
      .chat li {
        justify-self: start;
        max-width: 85%;
      }
      .chat li.mine {
        justify-self: end;
        color: var(--accent-text);
        background: var(--accent);
      }
      .mine a {
        color: inherit;
      }
      .chat .empty {
        background: none;
        justify-self: center;
        color: var(--soft);
      }
      form {
        display: grid;
        gap: 0.6rem;
      }
      form .row {
        flex-wrap: nowrap;
      }
      label.tick {
        display: inline-flex;
        flex: none;
        align-items: center;
        gap: 0.4rem;
        font-size: 0.9rem;
      }
      .inbox {
        border-top: 1px solid var(--line);
        padding-top: 0.8rem;
        display: grid;
        gap: 0.5rem;
      }
      .inbox ol {
        max-height: 8rem;
        overflow-y: auto;
      }
      .inbox span {
        font-size: 0.85rem;
      }
    `,
  ];

  constructor() {
    super();
    this.messages = [];
    this.inbox = [];
    this.state = '';
  }

  firstUpdated() {
    if (this.session.signedIn) this.#start();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.socket?.close();
    this.stream?.abort();
  }

  get me() {
    return this.session.claims.sub;
  }

  #start() {
    this.socket = new Socket(this.session, {
      onMessage: (room, message) => (this.room === room ? this.#add([message]) : this.#enter(room)),
      onJoin: (room) => room === this.room && this.#read(),
      onState: (state) => {
        this.state = state;
        if (state === 'online' && !this.room && this.other.signedIn) this.#open();
      },
    });
    this.#listen();
  }

  // Server-sent events by fetch, because EventSource sends no Authorization header.
  async #listen() {
    this.stream = new AbortController();
    while (!this.stream.signal.aborted && this.session.signedIn) {
      try {
        this.inbox = (await this.session.ask('GET', '/api/v1/inbox?limit=20')).items;
        const answer = await fetch('/api/v1/inbox/stream', {
          headers: { Authorization: `Bearer ${await this.session.token()}`, Accept: 'text/event-stream' },
          signal: this.stream.signal,
        });
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let step = await reader.read(); !step.done; step = await reader.read()) {
          if (step.value.includes('data:')) this.inbox = (await this.session.ask('GET', '/api/v1/inbox?limit=20')).items;
        }
      } catch {
        // The loop asks again after a pause; a lost stream loses nothing, the inbox is read anew.
      }
      await new Promise((go) => setTimeout(go, 2_000));
    }
  }

  /** The latest message is the one to see. */
  updated(changed) {
    const chat = this.renderRoot.querySelector('.chat');
    if (chat && changed.has('messages')) chat.scrollTop = chat.scrollHeight;
  }

  render() {
    if (!this.session.signedIn) {
      return html`<section class="card">
        <div class="door"><p class="soft">Nobody here yet</p><button @click=${() => this.session.signIn({ again: true })}>Sign in</button></div>
      </section>`;
    }
    return html`
      <section class="card">
        <div class="head">
          <h2>${this.session.claims.name ?? this.me}</h2>
          <span class=${this.state === 'online' ? 'good' : 'warn'} role="status">${this.state}</span>
          <button class="plain small" @click=${this.#signOut}>Sign out</button>
        </div>
        ${this.room ? this.#chat() : html`<div class="door soft">${this.other.signedIn ? 'Connecting' : 'Waiting for the other one to sign in.'}</div>`}
        ${this.refused ? html`<p class="error" role="alert">${this.refused}</p>` : ''}
        <div class="inbox">
          <h2>Inbox</h2>
          ${this.inbox.length
            ? html`<ol aria-live="polite">
                ${this.inbox.map((entry) => html`<li><strong>${entry.title}</strong> ${entry.body} <span class="soft">${time(entry.at)}</span></li>`)}
              </ol>`
            : html`<p class="soft">Empty. Sign out here, and let the other one mention you.</p>`}
        </div>
      </section>
    `;
  }

  #chat() {
    return html`
      <ol class="chat" aria-live="polite" aria-label="Chat" tabindex="0">
        ${this.messages.length
          ? this.messages.map((message) => html`<li class=${message.sender === this.me ? 'mine' : ''}>${linked(message.text)}</li>`)
          : html`<li class="empty">Nothing said yet.</li>`}
      </ol>
      <form @submit=${this.#send}>
        <div class="row">
          <label>Message <input name="text" required autocomplete="off" /></label>
          <button>Send</button>
        </div>
        <label class="tick"><input name="mention" type="checkbox" /> Mention ${this.other.claims.name ?? 'the other one'}</label>
      </form>
      <form @change=${this.#attach}>
        <label>Send a file <input name="file" type="file" ?disabled=${this.sending} /></label>
        ${this.sending
          ? html`<progress max=${this.sending.size} value=${this.sending.sent} aria-label="Upload"></progress>
              <span class="soft">${bytes(this.sending.sent)} of ${bytes(this.sending.size)}</span>`
          : ''}
      </form>
    `;
  }

  async #attempt(work) {
    try {
      this.refused = undefined;
      await work();
    } catch (refused) {
      this.refused = refused.message;
    }
  }

  /** Two people always get the same direct room, so both halves ask for it. */
  #open() {
    return this.#attempt(async () => {
      const members = [this.me, this.other.claims.sub];
      await this.#enter((await this.socket.rpc('room.create', { kind: 'direct', name: '', members })).id);
    });
  }

  #enter(room) {
    this.room = room;
    this.messages = [];
    return this.#read();
  }

  /** All that was said before; live messages that are in both come once. */
  async #read() {
    const { room } = this;
    for (let after = 0; after !== undefined && room === this.room; ) {
      const page = await this.session.ask('GET', `/api/v1/chat/rooms/${room}/messages?after=${after}&limit=200`);
      this.#add(page.items);
      after = page.next;
    }
  }

  #add(news) {
    const known = new Set(this.messages.map((message) => message.seq));
    this.messages = [...this.messages, ...news.filter((message) => !known.has(message.seq))].sort((a, b) => a.seq - b.seq);
  }

  #send(event) {
    event.preventDefault();
    const form = event.target;
    const { text, mention } = Object.fromEntries(new FormData(form));
    return this.#attempt(async () => {
      await this.#say(text, mention ? [this.#companion()] : []);
      form.reset();
    });
  }

  // Known from the other half, or, once that one has signed out, from what was said before.
  #companion() {
    return this.other.claims.sub ?? this.messages.findLast((message) => message.sender !== this.me)?.sender;
  }

  #say(text, mentions) {
    return this.socket.rpc('message.send', { room: this.room, clientId: crypto.randomUUID(), text, mentions: mentions.filter(Boolean) });
  }

  #attach(event) {
    const input = event.target;
    const file = input.files[0];
    if (!file) return undefined;
    return this.#attempt(async () => {
      this.sending = { size: file.size, sent: 0 };
      try {
        const id = await upload(this.session, file, (sent) => (this.sending = { size: file.size, sent }));
        const { url } = await this.session.ask('POST', `/api/v1/files/${id}/links`, { expiresIn: 3600 });
        await this.#say(url, []);
      } finally {
        this.sending = undefined;
        input.value = '';
      }
    });
  }

  async #signOut() {
    this.socket?.close();
    this.stream?.abort();
    await this.session.signOut();
    this.messages = [];
    this.room = undefined;
    this.dispatchEvent(new Event('changed'));
    this.requestUpdate();
  }
}

customElements.define('demo-person', Person);

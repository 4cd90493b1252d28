// Stored files: list, upload with progress, a link that anyone may open for an hour, delete.
import { html } from 'lit';
import { bytes } from '/shared/look.js';
import { id, time } from '/shared/parts.js';
import { upload } from '/shared/upload.js';
import { Listing } from './listing.js';
import { Page } from './page.js';

class Files extends Page {
  files = new Listing('/api/v1/files');

  async load() {
    await this.files.refresh(this.session);
  }

  render() {
    return html`
      <h1>Files</h1>
      ${this.stale()}
      <form class="card" @submit=${this.#upload}>
        <div class="row">
          <label>File <input name="file" type="file" required ?disabled=${this.sending} /></label>
          <button ?disabled=${this.sending}>Upload</button>
        </div>
        ${this.sending ? this.#progress() : ''} ${this.complaint()}
      </form>
      ${this.link
        ? html`<section class="card" aria-label="Link">
            <p>Anyone with this link can download <strong>${this.link.name}</strong> for an hour:</p>
            <p><a href=${this.link.url} rel="noreferrer">${this.link.url}</a></p>
          </section>`
        : ''}
      ${this.listed(this.files, this.#columns, {
        nothing: 'No files yet. Upload the first one above, or send one by tus or S3.',
        selected: (file) => file.id === this.link?.id,
      })}
    `;
  }

  #columns = [
    ['Name', (file) => html`<span>${file.name}</span>`],
    ['Size', (file) => bytes(file.size), 'number'],
    ['Type', (file) => html`<span>${file.contentType}</span>`],
    ['Stored', (file) => time(file.createdAt), 'once'],
    ['Id', (file) => id(file.id)],
    [
      '',
      (file) => html`
        <button class="plain small" aria-label="Link to ${file.name}" @click=${() => this.#share(file)}>Link</button>
        <button class="plain small" aria-label="Delete ${file.name}" @click=${() => this.#delete(file)}>Delete</button>
      `,
      'once',
    ],
  ];

  #progress() {
    const { sent, size } = this.sending;
    return html`
      <p class="soft">${bytes(sent)} of ${bytes(size)}</p>
      <progress max=${size} value=${sent} aria-label="Upload"></progress>
    `;
  }

  async #upload(event) {
    const form = event.target;
    const { file } = this.fields(event);
    const moved = (sent) => {
      this.sending = { size: file.size, sent: Math.min(sent, file.size) };
      this.requestUpdate();
    };
    moved(0);
    await this.attempt(async () => {
      await upload(this.session, file, moved);
      form.reset();
      await this.load();
    });
    this.sending = undefined;
    this.requestUpdate();
  }

  async #share({ id: file, name }) {
    await this.attempt(async () => {
      const { url } = await this.session.ask('POST', `/api/v1/files/${file}/links`, { expiresIn: 3600 });
      this.link = { id: file, name, url };
    });
  }

  async #delete({ id: file, name }) {
    if (!confirm(`Delete ${name}? It cannot be brought back.`)) return;
    await this.attempt(async () => {
      await this.session.ask('DELETE', `/files/${file}`);
      if (this.link?.id === file) this.link = undefined;
      await this.load();
    });
  }
}

customElements.define('console-files', Files);

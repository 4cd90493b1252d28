// Stored files: list, upload with progress, a link that anyone may open for an hour, delete.
import { html } from 'lit';
import { bytes, when } from '/shared/look.js';
import { upload } from '/shared/upload.js';
import { Page } from './page.js';

class Files extends Page {
  async load() {
    this.files = (await this.session.ask('GET', '/api/v1/files?limit=100')).items;
  }

  render() {
    return html`
      <h1>Files</h1>
      <form class="card row" @submit=${this.#upload}>
        <label>File <input name="file" type="file" required /></label>
        <button ?disabled=${this.sending}>Upload</button>
        ${this.sending ? html`<progress max=${this.sending.size} value=${this.sending.sent} aria-label="Upload"></progress>` : ''}
      </form>
      ${this.complaint()}
      ${this.link ? html`<p class="card">One hour, for anyone: <a href=${this.link} rel="noreferrer"><code>${this.link}</code></a></p>` : ''}
      <div class="card scroll">
        ${this.files?.length
          ? html`<table>
              <thead><tr><th>Name</th><th>Size</th><th>Type</th><th>Stored</th><th>Id</th><td></td></tr></thead>
              <tbody>
                ${this.files.map(
                  (file) => html`<tr>
                    <td>${file.name}</td><td>${bytes(file.size)}</td><td>${file.contentType}</td><td>${when(file.createdAt)}</td>
                    <td><code>${file.id}</code></td>
                    <td class="row">
                      <button class="plain" @click=${() => this.#share(file.id)}>Link</button>
                      <button class="plain" @click=${() => this.#delete(file.id)}>Delete</button>
                    </td>
                  </tr>`,
                )}
              </tbody>
            </table>`
          : html`<p class="empty">${this.files ? 'No files yet. Upload the first one above.' : 'Loading'}</p>`}
      </div>
    `;
  }

  async #upload(event) {
    const form = event.target;
    const { file } = this.fields(event);
    this.sending = { size: file.size, sent: 0 };
    this.requestUpdate();
    await this.attempt(async () => {
      await upload(this.session, file, (sent) => {
        this.sending = { size: file.size, sent };
        this.requestUpdate();
      });
      form.reset();
      await this.load();
    });
    this.sending = undefined;
    this.requestUpdate();
  }

  async #share(id) {
    await this.attempt(async () => (this.link = (await this.session.ask('POST', `/api/v1/files/${id}/links`, { expiresIn: 3600 })).url));
  }

  async #delete(id) {
    await this.attempt(async () => {
      const answer = await fetch(`/files/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${await this.session.token()}` } });
      if (!answer.ok) throw new Error(`could not delete: HTTP ${answer.status}`);
      await this.load();
    });
  }
}

customElements.define('console-files', Files);

// One resumable upload by tus 1.0: create, then append from the offset that the server says is durable.

const CHUNK = 8 << 20;
const TRIES = 8;

/** Sends `file`; `onProgress(sent)` hears bytes on their way. Returns the file's id. */
export async function upload(session, file, onProgress) {
  const created = await fetch('/files', {
    method: 'POST',
    headers: {
      ...(await common(session)),
      'Upload-Length': String(file.size),
      'Upload-Metadata': `filename ${base64(file.name)},filetype ${base64(file.type || 'application/octet-stream')}`,
    },
  });
  if (!created.ok) throw new Error((await created.json().catch(() => ({}))).detail || `upload refused: HTTP ${created.status}`);
  const location = created.headers.get('Location');
  let offset = 0;
  for (let tries = 0; offset < file.size; ) {
    try {
      offset = await append(session, location, file, offset, onProgress);
      tries = 0;
    } catch (cut) {
      if (++tries > TRIES) throw cut;
      await new Promise((go) => setTimeout(go, Math.min(200 * 2 ** tries, 5_000)));
      offset = await durable(session, location).catch(() => offset);
    }
  }
  return location.slice(location.lastIndexOf('/') + 1);
}

async function common(session) {
  return { Authorization: `Bearer ${await session.token()}`, 'Tus-Resumable': '1.0.0' };
}

// XMLHttpRequest, because fetch tells nothing of a request's progress.
async function append(session, location, file, offset, onProgress) {
  const headers = { ...(await common(session)), 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' };
  return new Promise((yes, no) => {
    const request = new XMLHttpRequest();
    request.open('PATCH', location);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(offset + event.loaded);
    request.onerror = () => no(new Error('the connection was cut'));
    request.onload = () =>
      request.status === 204 ? yes(Number(request.getResponseHeader('Upload-Offset'))) : no(new Error(`upload refused: HTTP ${request.status}`));
    request.send(file.slice(offset, offset + CHUNK));
  });
}

async function durable(session, location) {
  const answer = await fetch(location, { method: 'HEAD', headers: await common(session) });
  return Number(answer.headers.get('Upload-Offset'));
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// The look that all components share: one stylesheet, adopted by each shadow root.
import { css } from 'lit';

export const look = css`
  * {
    box-sizing: border-box;
  }
  h1 {
    font-size: 1.35rem;
    margin: 0 0 1rem;
  }
  h2 {
    font-size: 1rem;
    margin: 0 0 0.6rem;
  }
  p {
    margin: 0.4rem 0;
  }
  .soft {
    color: var(--soft);
  }
  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: 1rem;
    margin-bottom: 1rem;
    min-width: 0;
  }
  .row {
    display: flex;
    gap: 0.6rem;
    flex-wrap: wrap;
    align-items: end;
  }
  label {
    display: grid;
    gap: 0.2rem;
    font-size: 0.85rem;
    color: var(--soft);
    flex: 1 1 10rem;
  }
  input,
  textarea,
  select {
    font: inherit;
    color: var(--text);
    background: var(--ground);
    border: 1px solid var(--line);
    border-radius: 6px;
    padding: 0.45rem 0.6rem;
    width: 100%;
    min-width: 0;
  }
  textarea {
    font-family: ui-monospace, SFMono-Regular, Menlo, monospace;
    font-size: 0.9rem;
    resize: vertical;
  }
  button {
    font: inherit;
    font-weight: 600;
    color: var(--accent-text);
    background: var(--accent);
    border: 1px solid transparent;
    border-radius: 6px;
    padding: 0.45rem 0.9rem;
    cursor: pointer;
  }
  button.plain {
    background: transparent;
    color: var(--accent);
    border-color: var(--line);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  a {
    color: var(--accent);
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 0.92rem;
  }
  th,
  td {
    text-align: left;
    padding: 0.4rem 0.6rem;
    border-bottom: 1px solid var(--line);
    vertical-align: top;
  }
  th {
    color: var(--soft);
    font-weight: 600;
    font-size: 0.8rem;
  }
  code {
    font-family: ui-monospace, SFMono-Regular, Menlo, monospace;
    font-size: 0.85em;
    overflow-wrap: anywhere;
  }
  .empty {
    padding: 1.2rem;
    text-align: center;
    color: var(--soft);
  }
  .error {
    color: var(--bad);
    border-left: 3px solid var(--bad);
    padding: 0.3rem 0.7rem;
    margin: 0.6rem 0;
  }
  .good {
    color: var(--good);
  }
  .warn {
    color: var(--warn);
  }
  .bad {
    color: var(--bad);
  }
  progress {
    width: 100%;
    accent-color: var(--accent);
  }
`;

/** When something happened, in the reader's own zone. */
export const when = (at) => (at ? new Date(at).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' }) : '');

export const bytes = (count) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${unit === 0 ? count : count.toFixed(1)} ${units[unit]}`;
};

// The look that all components share: one stylesheet, adopted by each shadow root, and how numbers and times are written.
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
    margin: 0;
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
  .line {
    display: flex;
    gap: 0.8rem;
    align-items: center;
  }
  .head {
    display: flex;
    gap: 0.4rem 0.8rem;
    flex-wrap: wrap;
    align-items: center;
    margin-bottom: 0.6rem;
  }
  .head > :first-child {
    flex: 1;
    min-width: 0;
  }
  .head > :last-child {
    margin-left: auto;
  }
  .stack {
    display: grid;
    gap: 0.7rem;
    justify-items: start;
  }
  .stack > * {
    width: 100%;
  }
  .stack > button {
    width: auto;
  }
  label {
    display: grid;
    gap: 0.2rem;
    font-size: 0.85rem;
    color: var(--soft);
    flex: 1 1 10rem;
    min-width: 0;
  }
  input,
  textarea,
  select {
    font: inherit;
    font-size: 0.95rem;
    color: var(--text);
    background: var(--ground);
    border: 1px solid var(--edge);
    border-radius: 6px;
    padding: 0.45rem 0.6rem;
    width: 100%;
    min-width: 0;
    height: 2.4rem;
  }
  input[type='search'] {
    max-width: 20rem;
  }
  input[type='checkbox'] {
    width: 1.1rem;
    height: 1.1rem;
    margin: 0;
    accent-color: var(--accent);
  }
  input[type='file'] {
    padding: 0.25rem;
  }
  ::placeholder {
    color: var(--soft);
    opacity: 1;
  }
  ::file-selector-button {
    font: inherit;
    font-weight: 600;
    color: var(--accent);
    background: var(--surface);
    border: 1px solid var(--edge);
    border-radius: 4px;
    padding: 0 0.6rem;
    height: 1.75rem;
    margin-right: 0.6rem;
    cursor: pointer;
  }
  textarea.code {
    font-family: ui-monospace, SFMono-Regular, Menlo, monospace;
    font-size: 0.9rem;
  }
  textarea {
    height: auto;
    resize: vertical;
  }
  button {
    font: inherit;
    font-weight: 600;
    color: var(--accent-text);
    background: var(--accent);
    border: 1px solid transparent;
    border-radius: 6px;
    padding: 0.4rem 0.9rem;
    height: 2.4rem;
    cursor: pointer;
    white-space: nowrap;
  }
  button.plain {
    background: transparent;
    color: var(--accent);
    border-color: var(--edge);
  }
  button.small {
    height: 1.8rem;
    padding: 0.1rem 0.6rem;
    font-size: 0.85rem;
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  a {
    color: var(--accent);
    overflow-wrap: anywhere;
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
    overflow-wrap: anywhere;
  }
  th {
    color: var(--soft);
    font-weight: 600;
    font-size: 0.8rem;
    white-space: nowrap;
  }
  tbody tr:last-child td {
    border-bottom: 0;
  }
  tr[aria-current='true'] {
    background: var(--ground);
  }
  .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .once {
    white-space: nowrap;
    width: 1%;
  }
  code {
    font-family: ui-monospace, SFMono-Regular, Menlo, monospace;
    font-size: 0.85em;
    overflow-wrap: anywhere;
  }
  .empty {
    padding: 1.2rem;
    margin: 0;
    text-align: center;
    color: var(--soft);
  }
  /* Said only when it takes long enough to be read. */
  .loading {
    animation: appear 0.1s 0.5s both;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  .error {
    color: var(--bad);
    border-left: 3px solid var(--bad);
    padding: 0.3rem 0.7rem;
    margin: 0.6rem 0;
    text-align: left;
    overflow-wrap: anywhere;
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
  /* On a narrow screen a row is a card, and each cell says its column. */
  @media (max-width: 40rem) {
    .cards thead {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      overflow: hidden;
    }
    .cards,
    .cards tbody,
    .cards tr,
    .cards td {
      display: block;
    }
    .cards tr {
      padding: 0.6rem 0;
      border-bottom: 1px solid var(--line);
    }
    .cards tr:last-child {
      border-bottom: 0;
    }
    .cards tr[aria-current='true'] {
      margin: 0 -0.6rem;
      padding: 0.6rem;
      border-radius: 6px;
    }
    .cards td {
      display: flex;
      justify-content: space-between;
      gap: 1rem;
      border: 0;
      padding: 0.15rem 0;
      width: auto;
      text-align: right;
      min-width: 0;
    }
    .cards td[data-title=''] {
      justify-content: end;
      gap: 0.4rem;
    }
    .cards td::before {
      content: attr(data-title);
      color: var(--soft);
      flex: none;
    }
    .cards td > * {
      min-width: 0;
    }
  }
`;

/** A count, with the reader's own thousands. */
export const count = (n) => n.toLocaleString();

/** When something happened, to the second, in the reader's own zone. */
export const when = (at) => (at ? new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }) : '');

export const bytes = (size) => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
};

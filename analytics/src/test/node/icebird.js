// icebird, Iceberg in JavaScript: prints what it reads of the events as JSON. It knows no catalog of its own, so it
// is given the metadata that ours answers; the lake is on the same machine.
import { readFile } from 'node:fs/promises';
import { icebergRead } from 'icebird';

const [catalog, token] = process.argv.slice(2);
const { fetch } = globalThis;
globalThis.fetch = async (url, init) =>
  url.startsWith('file:') ? new Response(await readFile(new URL(url))) : fetch(url, init);

const answer = await fetch(`${catalog}/v1/namespaces/analytics/tables/events`, {
  headers: { Authorization: `Bearer ${token}` },
});
const { metadata } = await answer.json();
const rows = await icebergRead({ tableUrl: metadata.location, metadata });
const distinct = (column) => [...new Set(rows.map((row) => row[column]).filter((value) => value != null))].sort();
console.log(
  JSON.stringify({
    columns: Object.keys(rows[0]),
    messages: rows.map((row) => row.message_id).sort(),
    organisations: distinct('organisation'),
    properties: distinct('properties'),
    timestamps: distinct('timestamp'),
  }),
);

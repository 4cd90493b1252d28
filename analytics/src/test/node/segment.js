// Segment's analytics-node with its own settings: sends all calls, flushes and ends.
import { Analytics } from '@segment/analytics-node';
import { calls } from './calls.js';

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey });
analytics.on('error', (error) => {
  console.log(error);
  process.exitCode = 1;
});
for (const [call, message] of calls()) {
  analytics[call](message);
}
await analytics.closeAndFlush({ timeout: 60_000 });

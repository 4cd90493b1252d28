// RudderStack's SDK for Node.js, which packs by gzip: sends all calls, flushes and ends.
import Rudder from '@rudderstack/rudder-sdk-node';
import { calls } from './calls.js';

const [dataPlaneUrl, writeKey] = process.argv.slice(2);
// Its own three tries end within two seconds.
const rudder = new Rudder(writeKey, { dataPlaneUrl, retryCount: 8 });
let delivered = [];
for (const [call, message] of calls()) {
  delivered.push(
    new Promise((resolve, reject) => {
      rudder[call](message, (error) => (error ? reject(error) : resolve()));
    }),
  );
  // Each call measures all that waits, so a thousand at once take it ten seconds.
  if (delivered.length === 100) {
    await rudder.flush();
    await Promise.all(delivered);
    delivered = [];
  }
}

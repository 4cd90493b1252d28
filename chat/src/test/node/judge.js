// Leaves inside its 'subscribed' handler while missed messages are delivered, and comes back:
// node judge.js subscription|server ADDRESS TOKEN CHANNEL EPOCH
// Prints 'ready' once it holds number 1 (server), then what it got as JSON. Reads a line to go on.
import { Centrifuge } from 'centrifuge';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [mode, address, token, channel, epoch] = process.argv.slice(2);
const LAST = 6;
const got = [];
const client = new Centrifuge(address, { token, websocket: WebSocket, minReconnectDelay: 20 });
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function end() {
  console.log(JSON.stringify(got));
  process.exit(0);
}

function take(offset) {
  got.push(offset);
  if (offset === LAST) {
    setTimeout(end, 200);
  }
}

setTimeout(end, 8000);

if (mode === 'subscription') {
  const subscription = client.newSubscription(channel, { since: { offset: 1, epoch } });
  subscription.on('publication', (publication) => take(publication.offset));
  subscription.once('subscribed', () => {
    subscription.unsubscribe();
    setTimeout(() => subscription.subscribe(), 100);
  });
  subscription.subscribe();
  client.connect();
} else {
  client.on('publication', (context) => take(context.offset));
  client.once('subscribed', () =>
    setTimeout(async () => {
      client.disconnect();
      console.log('ready');
      await lines.next();
      client.once('subscribed', () => {
        client.disconnect();
        setTimeout(() => client.connect(), 100);
      });
      client.connect();
    }, 100),
  );
  client.connect();
}

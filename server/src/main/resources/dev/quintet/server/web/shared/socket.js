// A small client of the Centrifugo protocol (JSON): connects, recovers each room by offset, calls rpc methods.

export class Socket {
  /**
   * `onMessage(room, publication)` sees each offset once and in order; `onJoin(room)` tells that a room is heard from now on,
   * so that what was said before is to be read; `onState(text)` tells how the connection is.
   */
  constructor(session, { onMessage, onJoin, onState }) {
    Object.assign(this, { session, onMessage, onJoin, onState, rooms: new Map(), calls: new Map(), id: 0, wait: 250, closed: false });
    this.#open();
  }

  async #open() {
    let token;
    try {
      token = await this.session.token();
    } catch {
      this.onState('signed out');
      return;
    }
    const wire = new WebSocket(`${location.origin.replace('http', 'ws')}/connection/websocket`);
    this.wire = wire;
    wire.onopen = () => {
      const subs = {};
      for (const [channel, { offset, epoch }] of this.rooms) subs[channel] = { recover: true, offset, epoch };
      this.#call({ connect: { token, subs } })
        .then((reply) => {
          this.wait = 250;
          for (const [channel, room] of Object.entries(reply.connect.subs || {})) this.#joined(channel, room);
          this.onState('online');
        })
        .catch(() => wire.close());
    };
    wire.onmessage = (event) => {
      for (const line of event.data.split('\n')) if (line) this.#reply(JSON.parse(line));
    };
    wire.onclose = () => {
      for (const { no } of this.calls.values()) no(new Error('the connection was cut; try again'));
      this.calls.clear();
      if (this.closed) return;
      this.onState('reconnecting');
      setTimeout(() => this.#open(), this.wait * (0.5 + Math.random()));
      this.wait = Math.min(this.wait * 2, 10_000);
    };
  }

  #call(command) {
    const id = ++this.id;
    return new Promise((yes, no) => {
      this.calls.set(id, { yes, no });
      this.wire.send(JSON.stringify({ id, ...command }));
    });
  }

  #reply(reply) {
    if (reply.id) {
      const call = this.calls.get(reply.id);
      this.calls.delete(reply.id);
      if (reply.error) call?.no(new Error(reply.error.message));
      else call?.yes(reply);
    } else if (reply.push) {
      const { channel, pub, subscribe, unsubscribe } = reply.push;
      if (pub) this.#published(channel, pub);
      if (subscribe) this.#joined(channel, subscribe);
      if (unsubscribe) this.rooms.delete(channel);
    } else {
      this.wire.send('{}');
    }
  }

  #joined(channel, { epoch, offset = 0, publications = [] }) {
    const known = this.rooms.get(channel);
    this.rooms.set(channel, { epoch, offset: known?.offset ?? (publications.length ? publications[0].offset - 1 : offset) });
    if (!known) this.onJoin(channel.slice('room:'.length));
    for (const pub of publications) this.#published(channel, pub);
  }

  #published(channel, pub) {
    const room = this.rooms.get(channel);
    if (!room || pub.offset <= room.offset) return;
    room.offset = pub.offset;
    this.onMessage(channel.slice('room:'.length), pub.data);
  }

  async rpc(method, data) {
    return (await this.#call({ rpc: { method, data } })).rpc.data;
  }

  close() {
    this.closed = true;
    this.wire?.close();
  }
}

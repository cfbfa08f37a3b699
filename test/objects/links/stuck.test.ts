/** Ends of links that the other side does not take part in, and ends of streams that fail. @module */

import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Latch } from '../../../src/base/latch.ts';
import { toBytes } from '../../../src/codec/bytes/bytes.ts';
import { IpcCarrier } from '../../../src/objects/links/carriers/ipc.ts';
import { SocketCarrier } from '../../../src/objects/links/carriers/socket.ts';
import { Kind, targetFrame } from '../../../src/objects/links/frames/frame.ts';
import { link, linkPair } from '../../../src/objects/index.ts';
import type { EntityStream } from '../../../src/objects/index.ts';
import { Played } from './played.ts';
import { WebSocket, WebSocketServer } from './transports.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

/** More than any buffer of the system has. */
const much = new Uint8Array(16 * 1024 * 1024);

/** A socket whose other end reads nothing. */
async function unread(): Promise<Socket> {
  const server = createServer({ pauseOnConnect: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [other] = (await accepted) as [Socket];
  onTestFinished(() => {
    other.destroy();
    server.close();
  });
  return socket;
}

/** A child process that takes no message. */
class StuckChild extends EventEmitter {
  connected = true;
  send(): boolean {
    return false;
  }
  disconnect(): void {
    this.connected = false;
    this.emit('disconnect');
  }
}

describe.concurrent('a connection that is closed while the other side takes nothing', () => {
  const isCut = async (stream: Duplex): Promise<void> => {
    const carrier = new SocketCarrier(stream, 1e9);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    carrier.send(much);

    carrier.close();
    await closed;
    // Its last bytes are not acknowledged, which an operating system may call an error.
    expect(stream.writableFinished).toBe(false);
  };

  test('is cut, if it is a socket', async () => isCut(await unread()));
  test('is cut, if it is a stream', async () => isCut(new Duplex({ read() {}, write() {} })));

  test('is cut, if it is the channel of a child process', async () => {
    const child = new StuckChild();
    const carrier = new IpcCarrier(child, 1e9);
    const gone = once(child, 'disconnect');
    carrier.send(new Uint8Array(10));

    carrier.close();
    expect(child.connected).toBe(true);
    await gone;
  });
});

test('an endpoint that is never made counts as a side that does not appear, and the next one is tried', async () => {
  let made = 0;
  const client = link<{ anything(): void }>(
    async () => new Promise<never>(() => (made += 1)),
    {},
    {
      connectTimeout: 20,
      reconnect: { attempts: 2, delay: 1 },
    },
  );

  await expect(client.peer.anything()).rejects.toThrow(coded('ERR_OFFLOOP_DISCONNECTED'));
  await client.closed;
  expect(made).toBe(3);
});

test('an endpoint that is made after its time is closed, and its link goes on with the one in time', async () => {
  const late = new StuckChild();
  const given = new Latch();
  const [near, far] = await Promise.all([unread(), unread()]);
  far.destroy();
  const again = new Latch();
  let made = 0;
  const client = link(
    async () => {
      made += 1;
      if (made > 1) {
        again.open();
        return near;
      }
      await given.opened;
      return late;
    },
    {},
    { connectTimeout: 200, reconnect: { delay: 1 } },
  );
  const gone = once(late, 'disconnect');
  await again.opened;
  given.open();

  await gone;
  expect(client.status).not.toBe('closed');
  await client.close();
});

/** Its stream fails at its end. */
class Clumsy {
  readonly go = new Latch();
  drop(): never {
    throw new RangeError('dropped it');
  }
  async *items(): AsyncGenerator<number> {
    try {
      yield 1;
      await this.go.opened;
      yield 2;
    } finally {
      this.drop();
    }
  }
  *numbers(): Generator<number> {
    try {
      for (;;) yield 1;
    } finally {
      this.drop();
    }
  }
}

describe('what the finally of a streamed generator throws', () => {
  type Streaming = Record<'items' | 'numbers', () => Promise<EntityStream<number>>>;
  const begin = (): { clumsy: Clumsy; peer: Streaming } => {
    const clumsy = new Clumsy();
    const [left] = linkPair({}, clumsy);
    onTestFinished(() => left.close());
    return { clumsy, peer: left.peer };
  };

  test('rejects the close of its stream, while a value is awaited', async () => {
    const { clumsy, peer } = begin();
    const stream = await peer.items();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    const closed = stream.close();
    clumsy.go.open();

    await expect(closed).rejects.toThrow('dropped it');
    expect(await next).toEqual({ value: undefined, done: true });
  });

  test('rejects the loop that breaks', async () => {
    const { peer } = begin();
    const loop = async (): Promise<void> => {
      for await (const value of await peer.numbers()) if (value === 1) break;
    };

    await expect(loop()).rejects.toThrow('dropped it');
  });
});

test('a WebSocket that has got the hello of the other side before its link began is asked for it again', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise<void>((resolve) => server.on('listening', () => resolve()));
  onTestFinished(() => server.close());
  server.on('connection', (socket) => link(socket, { add: (a: number, b: number) => a + b }));
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
  await new Promise<void>((resolve) => socket.once('message', resolve));

  const client = link<{ add(a: number, b: number): number }>(async () => socket);
  expect(await client.peer.add(1, 2)).toBe(3);
  await client.close();
});

test('a call that a first call of the other side makes goes after those that waited for it', async () => {
  const other = new Played();
  const client = link<Record<'first' | 'second', () => void>>(other, {
    ask: () => void client.peer.second().catch(() => undefined),
  });
  const first = client.peer.first();
  first.catch(() => undefined);

  other.hello();
  other.play(targetFrame(Kind.call, 1, 0, 'ask', toBytes([])));
  while (other.of(Kind.call).length < 2) await once(other, 'sent');
  expect(other.of(Kind.call).map(({ name }) => name)).toEqual(['first', 'second']);
  other.emit('close', 1000);
  await client.closed;
});

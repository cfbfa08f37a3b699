/** Frames over WebSockets that are those of the standard in all that they do. @module */

import { expect, test } from 'vitest';
import type { CarrierListener } from '../../../../src/objects/links/carriers/carrier.ts';
import { WebSocketCarrier } from '../../../../src/objects/links/carriers/websocket.ts';
import { turns } from '../../../support/turns.ts';

/** A WebSocket of the standard, as a test plays it. */
class Standard extends EventTarget {
  readyState = 1;
  bufferedAmount = 0;
  binaryType = 'blob';
  sent = 0;
  send(data: Uint8Array): void {
    this.sent += 1;
    this.bufferedAmount += data.length;
  }
  close(): void {
    this.readyState = 3;
  }
  play(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

function listening(socket: Standard): { readonly heard: unknown[]; readonly carrier: WebSocketCarrier } {
  const heard: unknown[] = [];
  const listener: CarrierListener = {
    receive: (frame) => heard.push([...frame]),
    drained: () => heard.push('drained'),
    lost: (cause) => heard.push(cause),
  };
  const carrier = new WebSocketCarrier(socket as never, 1000);
  carrier.listen(listener);
  return { heard, carrier };
}

test('a WebSocket is told to give memory; blobs that it gives nevertheless are read, in order', async () => {
  const socket = new Standard();
  const { heard } = listening(socket);

  expect(socket.binaryType).toBe('arraybuffer');
  socket.play(new Blob([Buffer.from([1, 2])]));
  socket.play(new Uint8Array([3]).buffer);
  socket.play(new Blob([Buffer.from([4])]));
  socket.play(new Uint8Array([5]).buffer);
  await expect.poll(() => heard).toEqual([[1, 2], [3], [4], [5]]);
  socket.play(new Uint8Array([6]).buffer);
  expect(heard.at(-1)).toEqual([6]);
  socket.play('text');
  await expect.poll(() => heard.length).toBe(6);
  expect(heard.at(-1)).toBeInstanceOf(TypeError);
});

test('a blob that cannot be read, or that comes when the link is over, is no frame', async () => {
  const socket = new Standard();
  const { heard } = listening(socket);
  socket.play({ arrayBuffer: () => Promise.reject(new Error('gone')) });
  await expect.poll(() => heard.length).toBe(1);
  expect(heard[0]).toBeInstanceOf(TypeError);

  const other = new Standard();
  const { heard: nothing, carrier } = listening(other);
  other.play(new Blob([Buffer.from([1])]));
  carrier.close();
  await turns();
  expect(nothing).toEqual([]);
});

test('a WebSocket that has no event for it is asked whether what was sent has left', async () => {
  const socket = new Standard();
  const { heard, carrier } = listening(socket);

  carrier.send(new Uint8Array(10));
  expect(carrier.buffered).toBe(10);
  socket.bufferedAmount = 0;
  await expect.poll(() => heard).toEqual(['drained']);
});

test('the error of an event is the reason of the loss', () => {
  const socket = new Standard();
  const { heard } = listening(socket);
  const error = new Error('refused');

  socket.dispatchEvent(Object.assign(new Event('error'), { error }));
  expect(heard).toEqual([error]);
});

test('a WebSocket of ws tells when what was sent has left, but for what is little and leaves at once', () => {
  const told: boolean[] = [];
  const socket = {
    readyState: 1,
    bufferedAmount: 0,
    binaryType: '',
    on: () => undefined,
    off: () => undefined,
    send: (_: Uint8Array, sent?: () => void) => void told.push(sent !== undefined),
    close: () => undefined,
  };
  const carrier = new WebSocketCarrier(socket, 1000);

  carrier.send(new Uint8Array(128));
  carrier.send(new Uint8Array(129));
  socket.bufferedAmount = 1;
  carrier.send(new Uint8Array(1));
  expect(told).toEqual([false, true, true]);
});

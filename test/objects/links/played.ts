/** The other end of a link, as a test plays it by hand. @module */

import { EventEmitter } from 'node:events';
import { fromBytes, toBytes } from '../../../src/codec/bytes/bytes.ts';
import { bodyOf, frameOf, Kind, readFrame } from '../../../src/objects/links/frames/frame.ts';

/** A WebSocket that is none. */
export class Played extends EventEmitter {
  readonly readyState: number = 1;
  bufferedAmount = 0;
  binaryType = '';
  isClosed = false;
  readonly frames: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];

  send(frame: Uint8Array, sent?: () => void): void {
    this.frames.push(frame);
    this.emit('sent');
    if (sent && this.bufferedAmount > 0) this.#waiting.push(sent);
    else sent?.();
  }
  /** Lets what was sent leave. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }
  close(): void {
    this.isClosed = true;
  }
  /** Plays a frame. */
  play(frame: Uint8Array): void {
    this.emit('message', frame, true);
  }
  hello(more: object = {}): void {
    this.play(frameOf(Kind.hello, 0, toBytes({ version: 1, maxMessage: 1e6, maxCalls: 100, ...more })));
  }
  /** The frames of a kind that were sent. */
  of(kind: number): ReturnType<typeof readFrame>[] {
    return this.frames.map(readFrame).filter((frame) => frame.kind === kind);
  }
  /** The values in the bodies of the frames of a kind. */
  bodies(kind: number): unknown[] {
    return this.of(kind).map((frame) => fromBytes(bodyOf(frame)));
  }
}

/** Sends frames, and bounds the bytes that wait to leave. @module */

import { OffloopError } from '../../../base/errors.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { bytesFrame, headOfBytes, targetFrame } from './frame.ts';
import type { KindCode } from './frame.ts';
import type { OutgoingChunk } from '../live/remote.ts';
import type { Flow } from '../live/streams/flow.ts';

/** From how many bytes on that have not left streams wait: more of them would only take memory. */
const slow = 1024 * 1024;

/** How much may be sent, and wait. */
export interface SendingLimits {
  readonly maxMessage: number;
  readonly maxBuffered: number;
}

/** Invariant: nothing is sent after `stop`. */
export class Sending implements Flow {
  /** The most bytes of a frame that the other side takes. */
  mostMessage: number = Infinity;
  readonly #carrier: Carrier;
  readonly #most: number;
  readonly #mostAnswers: number;
  readonly #overflown: (error: OffloopError) => void;
  readonly #drains = new Set<() => void>();
  #isOver = false;

  /** `overflown` is told when the other side does not even take what it waits for. */
  constructor(carrier: Carrier, { maxMessage, maxBuffered }: SendingLimits, overflown: (error: OffloopError) => void) {
    this.#carrier = carrier;
    this.#most = maxBuffered;
    this.#mostAnswers = maxBuffered + maxMessage;
    this.#overflown = overflown;
  }

  /** Sends a frame that the other side waits for: the link is over if that does not take it. */
  send(frame: Uint8Array, sent?: () => void): void {
    if (this.#isOver) return;
    const { buffered } = this.#carrier;
    if (buffered + frame.length > this.#mostAnswers) return this.#overflown(this.#overflow());
    this.#carrier.send(frame, sent, buffered);
  }

  /**
   * Sends a frame of a call, which fails alone if there is no room.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_TOO_LONG`, `ERR_OFFLOOP_OVERFLOW`.
   */
  sendWithin(frame: Uint8Array): void {
    if (this.#isOver) return;
    const { length } = frame;
    if (length > this.mostMessage) this.assertFits(length);
    const { buffered } = this.#carrier;
    if (buffered + length > this.#most) throw this.#overflow();
    this.#carrier.send(frame, undefined, buffered);
  }

  /** Sends bytes of a stream to the function `target`, in as many frames as they need. */
  sendBytes(kind: KindCode, target: number, context: number, { bytes, headroom, sent }: OutgoingChunk): void {
    const most = this.mostMessage - headOfBytes;
    if (headroom >= headOfBytes && bytes.length <= most)
      return this.send(bytesFrame(kind, bytes, target, context), sent);
    for (let at = 0; at < bytes.length; at += most)
      this.send(targetFrame(kind, context, target, '', bytes.subarray(at, at + most)));
    sent?.();
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_TOO_LONG` if the other side takes no frame of `length` bytes. */
  assertFits(length: number): void {
    if (length > this.mostMessage)
      throw new OffloopError(
        'ERR_OFFLOOP_TOO_LONG',
        `Cannot send ${length} bytes to a peer: its maxMessage is ${this.mostMessage}`,
      );
  }

  get isSlow(): boolean {
    return this.#carrier.buffered > Math.min(slow, this.#most / 4);
  }

  whenDrained(action: () => void): void {
    this.#drains.add(action);
  }

  /** Tells that bytes have left. */
  drained(): void {
    if (this.#drains.size === 0 || this.isSlow) return;
    const actions = [...this.#drains];
    this.#drains.clear();
    for (const action of actions) action();
  }

  stop(): void {
    this.#isOver = true;
    this.#drains.clear();
    this.#carrier.close();
  }

  #overflow(): OffloopError {
    const text = `Cannot send to a peer: it is too slow, and ${this.#carrier.buffered} bytes wait, of maxBuffered ${this.#most}`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }
}

/** The calls of a stream, one at a time. @module */

import { FinalizationRegistry } from '../../../base/intrinsics.ts';
import { modeError } from '../mode.ts';
import type { Direction, Origin } from '../wire/messages.ts';
import { Ready } from './ready.ts';
import { hasReached } from './status.ts';
import type { StreamStatus } from './status.ts';
import type { StreamPeer } from './stream-peer.ts';
import { Waiters } from './waiters.ts';
import type { Limits } from './waiters.ts';

/** The most bytes that one message carries. */
export const mostInMessage: number = 256 * 1024;

/** A seek; without a direction it keeps the one that the stream has. */
export interface Seek {
  readonly of: string;
  readonly offset: number;
  readonly from: Origin;
  readonly direction: Direction | undefined;
}

/** A pending call keeps its stream, so that a stream without one is collected with all that waits for it: nobody. */
const dropped = new FinalizationRegistry<StreamPeer>((peer) => peer.close());

/**
 * Invariant: one call at a time talks to the peer; the others wait in the order in which they were made.
 */
export class StreamCalls {
  readonly #peer: StreamPeer;
  readonly #line = new Waiters();
  readonly #ready: Ready;
  #isBusy = false;

  constructor(peer: StreamPeer) {
    this.#peer = peer;
    this.#ready = new Ready(peer);
    dropped.register(this, peer, this);
  }

  async recv(most: number, limits: Limits): Promise<Buffer> {
    await this.#enter(limits);
    try {
      await this.#begin('read', limits);
      return await this.#recv(most, limits);
    } finally {
      this.#leave();
    }
  }

  async read(length: number, limits: Limits): Promise<Buffer> {
    await this.#enter(limits);
    const taken: Buffer[] = [];
    try {
      await this.#begin('read', limits);
      for (let left = length; left > 0;) {
        const bytes = await this.#recv(Math.min(left, mostInMessage), limits);
        if (bytes.length === 0) break;
        taken.push(bytes);
        left -= bytes.length;
      }
    } catch (error) {
      this.#peer.putBack(taken);
      throw error;
    } finally {
      this.#leave();
    }
    const [only] = taken;
    return taken.length === 1 && only ? only : Buffer.concat(taken);
  }

  async send(bytes: Uint8Array, limits: Limits): Promise<number> {
    await this.#enter(limits);
    try {
      await this.#begin('write', limits);
      return bytes.length === 0 ? 0 : await this.#send(bytes, limits);
    } finally {
      this.#leave();
    }
  }

  async write(bytes: Uint8Array, limits: Limits): Promise<void> {
    await this.#enter(limits);
    try {
      await this.#begin('write', limits);
      for (let sent = 0; sent < bytes.length;) sent += await this.#send(bytes.subarray(sent), limits);
    } finally {
      this.#leave();
    }
  }

  async flush(limits: Limits): Promise<void> {
    await this.#ask(limits, () => {
      if (this.#peer.context?.direction !== 'write') return false;
      this.#peer.askFlush();
      return true;
    });
  }

  async truncate(side: 'before' | 'after', limits: Limits): Promise<void> {
    await this.#ask(limits, () => {
      if (this.#peer.context?.direction !== 'write')
        throw modeError('truncate the data', 'the stream is not writing. Call wseek first');
      this.#peer.askTruncate(side);
      return true;
    });
  }

  async position(limits: Limits): Promise<number> {
    await this.#ask(limits, () => false);
    return this.#peer.position;
  }

  async seek({ of, offset, from, direction }: Seek, limits: Limits): Promise<void> {
    await this.#enter(limits);
    try {
      const peer = this.#peer;
      if (peer.isAsking) await peer.until(peer.idle, limits, 'the byte stream');
      peer.assertActive();
      peer.report();
      const to = direction ?? peer.context?.direction ?? (peer.mode.readable ? 'read' : 'write');
      this.#assertMay(to, of);
      if (from === 'current') {
        peer.assertSound();
        peer.open(to, peer.position + offset, 'absolute');
      } else peer.open(to, offset, from);
      await peer.until(peer.answered, limits, 'the byte stream');
    } finally {
      this.#leave();
    }
  }

  /** Lets the other end read on, by halves of the window: not every call needs a message. */
  readAhead(): void {
    const { position, readahead } = this.#peer;
    if (readahead > 0) this.#peer.raiseLimit(position + readahead, readahead / 2);
  }

  async waitStatus(wanted: readonly StreamStatus[], limits: Limits): Promise<boolean> {
    const reached = (): boolean | undefined => hasReached(this.#peer.status, wanted);
    try {
      return await this.#peer.untilStatus(reached, limits, 'a state of the byte stream');
    } catch (error) {
      if ((error as { code?: unknown } | undefined)?.code === 'ERR_OFFLOOP_TIMEOUT') return false;
      throw error;
    }
  }

  async close(limits: Limits): Promise<void> {
    const peer = this.#peer;
    dropped.unregister(this);
    peer.close();
    const isOver = (): true | undefined => (peer.status === 'closed' || peer.status === 'failed' ? true : undefined);
    await peer.untilStatus(isOver, limits, 'the byte stream to close');
    peer.report();
  }

  /** Waits for the calls before. */
  async #enter(limits: Limits): Promise<void> {
    const enter = (): true | undefined => {
      if (this.#isBusy) return undefined;
      this.#ready.isHeld = true;
      return (this.#isBusy = true);
    };
    if (!enter()) await this.#line.wait(enter, limits, 'earlier calls of the byte stream');
  }

  #leave(): void {
    this.#isBusy = false;
    this.#line.serveInOrder();
    if (!this.#isBusy) this.#ready.tell();
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_MODE`. */
  #assertMay(direction: Direction, action: string): void {
    const { readable, writable } = this.#peer.mode;
    if (direction === 'read' ? !readable : !writable)
      throw modeError(action, `the mode of the stream is not ${direction === 'read' ? 'readable' : 'writable'}`);
  }

  /** Turns to `direction`, if that is another one, at the position of the stream. */
  async #begin(direction: Direction, limits: Limits): Promise<void> {
    const peer = this.#peer;
    if (peer.isAsking) await peer.until(peer.idle, limits, 'the byte stream');
    this.#assertMay(direction, direction === 'read' ? 'read from the byte stream' : 'write to the byte stream');
    if (peer.context?.direction === direction) return;
    peer.assertActive();
    peer.assertSound();
    peer.open(direction, peer.position, 'absolute');
    await peer.until(peer.answered, limits, 'the byte stream');
  }

  async #recv(most: number, limits: Limits): Promise<Buffer> {
    const peer = this.#peer;
    // What was asked for and is on its way need not be asked for again.
    if (peer.buffer.size === 0 && peer.room < most) peer.raiseLimit(peer.position + Math.max(most, peer.readahead), 1);
    const take = (): Buffer | undefined => peer.take(most);
    const bytes = take() ?? (await peer.until(take, limits, 'bytes of the byte stream'));
    this.readAhead();
    return bytes;
  }

  async #send(bytes: Uint8Array, limits: Limits): Promise<number> {
    const peer = this.#peer;
    const send = (): number | undefined => {
      peer.assertActive();
      peer.assertSound();
      const length = Math.min(peer.room, mostInMessage, bytes.length);
      if (length <= 0) return undefined;
      peer.send(bytes.subarray(0, length));
      return length;
    };
    return send() ?? peer.until(send, limits, 'room in the byte stream');
  }

  /** Makes a request by `ask`, which gives whether it has made one, and waits for the answer. */
  async #ask(limits: Limits, ask: () => boolean): Promise<void> {
    await this.#enter(limits);
    try {
      const peer = this.#peer;
      if (peer.isAsking) await peer.until(peer.idle, limits, 'the byte stream');
      peer.assertActive();
      peer.assertSound();
      if (!ask()) return;
      await peer.until(peer.answered, limits, 'the byte stream');
      peer.assertSound();
    } finally {
      this.#leave();
    }
  }
}

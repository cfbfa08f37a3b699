/** Tells observers of a stream when they can use it. @module */

import type { StreamPeer } from './stream-peer.ts';

/**
 * Tells observers that they can read or write once no call is at work: theirs would have to wait. A stream that nobody has
 * is collected, although its connection has this.
 */
export class Ready {
  readonly #peer: StreamPeer;
  readonly #due = new Set<'canRecv' | 'canSend'>();
  isHeld = false;

  constructor(peer: StreamPeer) {
    this.#peer = peer;
    peer.onReady = (name) => {
      this.#due.add(name);
      if (!this.isHeld) this.tell();
    };
  }

  tell(): void {
    this.isHeld = false;
    for (const name of this.#due) {
      this.#due.delete(name);
      if (name === 'canRecv' ? this.#peer.isReadable : this.#peer.room > 0) this.#peer.observers.tell(name);
    }
  }
}

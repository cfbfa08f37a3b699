/** A connection within a thread. @module */

import { setImmediate } from '../../../base/clock.ts';
import type { Carrier, CarrierListener } from './carrier.ts';

/** Two connected ends. A frame arrives in a later turn of the event loop, as it would from elsewhere. */
export function localCarriers(): [Carrier, Carrier] {
  const [one, other] = [new LocalCarrier(), new LocalCarrier()];
  one.connect(other);
  other.connect(one);
  return [one, other];
}

class LocalCarrier implements Carrier {
  #other: LocalCarrier | undefined;
  #listener: CarrierListener | undefined;
  #arrived: Uint8Array[] = [];
  #isDue = false;
  #isLost = false;
  #isClosed = false;
  readonly buffered = 0;
  readonly mayHaveMissed = false;

  connect(other: LocalCarrier): void {
    this.#other = other;
  }

  send(frame: Uint8Array): void {
    if (!this.#isClosed) this.#other?.arrive(frame);
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener;
    this.#schedule();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#other?.arrive(undefined);
  }

  /** Takes a frame, or the end of the other side. */
  arrive(frame: Uint8Array | undefined): void {
    if (frame) this.#arrived.push(frame);
    else this.#isLost = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue || !this.#listener || this.#isClosed) return;
    this.#isDue = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#isDue = false;
    for (const frame of this.#arrived.splice(0)) if (!this.#isClosed) this.#listener?.receive(frame);
    if (!this.#isLost || this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.lost(undefined);
  }
}

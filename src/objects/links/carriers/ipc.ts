/** Frames over the channel between a process and its child. @module */

import type { Carrier, CarrierListener } from './carrier.ts';
import { cutIfStuck } from './closing.ts';
import type { Emitting } from './events.ts';
import { Listening } from './events.ts';
import { tooLongFrame } from './too-long.ts';

/** A child process, or `process` in a child. */
export interface IpcLike extends Emitting {
  readonly connected: boolean;
  send(message: unknown, sent?: (error: Error | null) => void): boolean;
  disconnect(): void;
}

/** The channel carries JSON or structured clones, as the child was started; a text is the same in both. */
interface Envelope {
  readonly offloop: string;
}

export class IpcCarrier implements Carrier {
  readonly #process: IpcLike;
  readonly #most: number;
  readonly #listening: Listening;
  #listener: CarrierListener | undefined;
  #isOver = false;
  #sending = 0;
  #stopCut: (() => void) | undefined;
  buffered = 0;

  /** Somebody else may listen, too. */
  readonly mayHaveMissed = true;

  constructor(process: IpcLike, most: number) {
    this.#process = process;
    this.#most = most;
    this.#listening = new Listening(process);
  }

  send(frame: Uint8Array): void {
    if (this.#isOver || !this.#process.connected) return;
    const { length, buffer, byteOffset } = frame;
    this.buffered += length;
    this.#sending += 1;
    const offloop = Buffer.from(buffer, byteOffset, length).toString('base64');
    this.#process.send({ offloop } satisfies Envelope, (error) => {
      this.buffered -= length;
      this.#sending -= 1;
      if (this.#isOver) return this.#end();
      if (error) this.#lose(error);
      else this.#listener?.drained();
    });
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener;
    this.#listening
      .on('message', (message: unknown) => this.#receive(message))
      .on('disconnect', () => this.#lose(undefined));
    if (!this.#process.connected) process.nextTick(() => this.#lose(undefined));
  }

  #receive(message: unknown): void {
    const text = (message as Partial<Envelope> | null)?.offloop;
    // Others may use the channel, too.
    if (typeof text !== 'string' || this.#isOver) return;
    const frame = Buffer.from(text, 'base64');
    if (frame.length > this.#most) this.#lose(tooLongFrame(frame.length, this.#most));
    else this.#listener?.receive(frame);
  }

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.#listener?.lost(cause);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.stop();
    if (this.#sending > 0) this.#stopCut = cutIfStuck(() => this.#sending, this.#disconnect);
    this.#end();
  }

  /** Ends the channel, unless something is being sent: then the last of that does, or that nothing of it leaves. */
  #end(): void {
    if (this.#sending === 0) this.#disconnect();
  }

  readonly #disconnect = (): void => {
    this.#stopCut?.();
    if (this.#process.connected) this.#process.disconnect();
  };
}

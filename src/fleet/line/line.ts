/** Carries frames to one peer, each once and in order, over messages that may be lost while the server is away. @module */

import { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';

/**
 * What a message is: a frame or the end of one, a part of a frame, a sign of life, the word that the line is not known, or that
 * the peer goes; and the question for a sign of life.
 */
export const Kind = { frame: 0, part: 1, beat: 2, unknown: 3, bye: 4, ping: 5 } as const;

/**
 * The kind; the number of the frame or of the next one; the number of the frame that is awaited from the peer; the mark of
 * this end, and that of the peer's end as far as it is known, else 0; how many lines the process of this end has given up.
 */
const headSize = 21;

/** What stands at the head of a message. */
export interface Head {
  readonly kind: number;
  readonly number: number;
  readonly ack: number;
  readonly from: number;
  readonly to: number;
  readonly losses: number;
}

/** The head of a message; `undefined` if the message is none of a line. */
export function headOf({ buffer, byteOffset, length }: Uint8Array): Head | undefined {
  if (length < headSize) return undefined;
  const view = new DataView(buffer, byteOffset, length);
  const kind = view.getUint8(0);
  if (kind > Kind.ping) return undefined;
  return {
    kind,
    number: view.getUint32(1),
    ack: view.getUint32(5),
    from: view.getUint32(9),
    to: view.getUint32(13),
    losses: view.getUint32(17),
  };
}

/** The message that answers one that came from `from`, an end whose peer is not known here. */
export function unknownTo(from: number): Uint8Array {
  const message = Buffer.alloc(headSize);
  message.writeUInt8(Kind.unknown, 0);
  message.writeUInt32BE(from, 13);
  return message;
}

/** After how many frames the peer is told at once that they have arrived, and after how many milliseconds at the latest. */
const mostUntold = 64;
const longestUntold = 20;

/** Frames that the peer does not have by then are sent again when it shows that it lives; in milliseconds. */
const patience = 300;

/** What a line stands on. */
export interface LineEnds {
  /** The most bytes of one message. */
  readonly limit: () => number;

  /** How many lines this process has given up so far. */
  readonly losses: () => number;
  post(message: Uint8Array): void;
  receive(frame: Uint8Array): void;

  /** Called before the peer is told how many frames there are: what it has to know by then is to be sent now. */
  owed?(): void;
}

interface Sent {
  readonly message: Buffer;
  readonly taken: (() => void) | undefined;
  at: number;
}

/**
 * One end of a line.
 *
 * Invariant: a frame is kept until the peer has said that it has it, and is received once, after those before it.
 */
export class Line {
  readonly madeAt: number = now();

  /** When the peer was heard last. */
  heardAt: number = now();

  /** The marks of both ends: an end that was made anew has another one. That of the peer is 0 until it is known. */
  readonly mark: number = randomInt(1, 2 ** 32);
  peer = 0;

  /** How many lines the peer had given up when it sent what was heard last; this one is none of them. */
  losses = -1;

  /** When the peer said last that it has sent no more than has come. */
  completeAt: number = -Infinity;

  readonly #ends: LineEnds;
  #out: Sent[] = [];
  #next = 0;
  #expected = 0;
  #untold = 0;
  #telling: Later | undefined;
  #parts: Uint8Array[] = [];

  constructor(ends: LineEnds) {
    this.#ends = ends;
  }

  /** Whether the peer has not all frames, as far as is known. */
  get isWaiting(): boolean {
    return this.#out.length > 0;
  }

  /** Sends `frame`; `taken` is called once the peer has it. */
  send(frame: Uint8Array, taken?: () => void): void {
    const most = this.#ends.limit() - headSize;
    for (let at = 0; ; at += most) {
      const isLast = at + most >= frame.length;
      this.#put(isLast ? Kind.frame : Kind.part, frame.subarray(at, at + most), isLast ? taken : undefined);
      if (isLast) return;
    }
  }

  /** Tells the peer that this end lives, and what it has. */
  beat(): void {
    this.#tell(Kind.beat);
  }

  /** Asks the peer for a sign of life. */
  ping(): void {
    this.#tell(Kind.ping);
  }

  /** Tells the peer that this end goes for good. */
  bye(): void {
    this.#tell(Kind.bye);
    this.end();
  }

  /** Sends again what the peer may not have, after messages may have been lost. */
  resend(least = 0): void {
    const at = now();
    if (this.#out[0] === undefined || at - this.#out[0].at < least) return;
    for (const sent of this.#out) {
      sent.at = at;
      this.#state(sent.message);
      this.#ends.post(sent.message);
    }
  }

  /** Reads a message of the peer, whose head is `head`. */
  hear(message: Uint8Array, { kind, number, ack, from, losses }: Head): void {
    // A number that was never sent comes from no peer of this version.
    if (ack > this.#next) return;
    this.peer = from;
    this.losses = losses;
    this.heardAt = now();
    this.#has(ack);
    if (kind === Kind.ping) this.beat();
    if (kind === Kind.beat || kind === Kind.ping) {
      this.resend(patience);
      // It has sent more than has come: it will send that again once it hears how much that is.
      if (number !== this.#expected) this.#tellSoon();
      else this.completeAt = now();
    } else if (kind === Kind.frame || kind === Kind.part) this.#take(kind, number, message.subarray(headSize));
  }

  end(): void {
    this.#telling?.cancel();
    this.#telling = undefined;
    this.#out = [];
  }

  #put(kind: number, bytes: Uint8Array, taken: (() => void) | undefined): void {
    const message = Buffer.allocUnsafe(headSize + bytes.length);
    this.#head(message, kind, this.#next);
    message.set(bytes, headSize);
    this.#next += 1;
    this.#out.push({ message, taken, at: now() });
    this.#told();
    this.#ends.post(message);
  }

  #take(kind: number, number: number, bytes: Uint8Array): void {
    if (number !== this.#expected) return this.#tellSoon();
    this.#expected += 1;
    this.#untold += 1;
    if (this.#untold >= mostUntold) this.beat();
    else this.#tellSoon();
    if (kind === Kind.part) return void this.#parts.push(bytes);
    const frame = this.#parts.length === 0 ? bytes : Buffer.concat([...this.#parts, bytes]);
    this.#parts = [];
    this.#ends.receive(frame);
  }

  #has(ack: number): void {
    const first = this.#next - this.#out.length;
    if (ack <= first) return;
    for (const { taken } of this.#out.splice(0, ack - first)) taken?.();
  }

  #tellSoon(): void {
    this.#telling ??= after(longestUntold, () => this.beat());
  }

  #tell(kind: number): void {
    this.#ends.owed?.();
    this.#told();
    const message = Buffer.allocUnsafe(headSize);
    this.#head(message, kind, this.#next);
    this.#ends.post(message);
  }

  #told(): void {
    this.#telling?.cancel();
    this.#telling = undefined;
    this.#untold = 0;
  }

  #head(message: Buffer, kind: number, number: number): void {
    message.writeUInt8(kind, 0);
    message.writeUInt32BE(number, 1);
    this.#state(message);
  }

  #state(message: Buffer): void {
    message.writeUInt32BE(this.#expected, 5);
    message.writeUInt32BE(this.mark, 9);
    message.writeUInt32BE(this.peer, 13);
    message.writeUInt32BE(this.#ends.losses(), 17);
  }
}

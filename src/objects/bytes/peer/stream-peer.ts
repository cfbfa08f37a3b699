/** The end of a byte stream that reads and writes: its state, and the messages that change it. @module */

import { OffloopError } from '../../../base/errors.ts';
import type { StreamMode } from '../mode.ts';
import { nothing } from '../mode.ts';
import type { Duplex } from '../wire/duplex.ts';
import type { Direction, EndOfStream, ToStream, ToStreamer } from '../wire/messages.ts';
import { errorOf, lostEnd } from '../wire/problem.ts';
import { Asking } from './asking.ts';
import type { Request } from './asking.ts';
import type { Context } from './context.ts';
import { Observers } from './observers.ts';
import { ReadBuffer } from './read-buffer.ts';
import type { StreamStatus } from './status.ts';
import { Waiters } from './waiters.ts';
import type { Limits } from './waiters.ts';

/** The messages that still matter once the stream was told to close. */
const kindsOfClosing: ReadonlySet<ToStream['kind']> = new Set<ToStream['kind']>(['broken', 'closed', 'failed']);

/** How a stream begins. */
export interface PeerOptions {
  readonly readahead: number;
  readonly mostReadahead?: number;
  readonly endOfStream: EndOfStream;
}

/**
 * Invariant: at most one request is under way, and at most one context is open; what arrives for another one is dropped.
 */
export class StreamPeer {
  readonly observers: Observers = new Observers();

  /** Called when there is something to read, or room to write, where there was none. */
  onReady: (name: 'canRecv' | 'canSend') => void = () => undefined;
  readonly buffer: ReadBuffer = new ReadBuffer();
  mode: StreamMode = nothing;
  status: StreamStatus | 'connecting' = 'connecting';

  /** How many bytes are read ahead of the calls; `0` reads what a call asks for. */
  readahead: number;

  /** The most to which `readahead` grows. */
  mostReadahead: number;
  endOfStream: EndOfStream;
  context: Context | undefined;

  /** The position while there is no context. */
  #position = 0;
  readonly #duplex: Duplex<ToStreamer, ToStream>;
  readonly #calls = new Waiters();
  readonly #statuses = new Waiters();
  #contexts = 0;
  readonly #asking = new Asking();
  #failure: OffloopError | undefined;

  /** An error of writes that no call has reported yet. */
  #unreported: OffloopError | undefined;

  constructor(
    duplex: Duplex<ToStreamer, ToStream>,
    { readahead, mostReadahead = readahead, endOfStream }: PeerOptions,
  ) {
    this.#duplex = duplex;
    this.readahead = readahead;
    this.mostReadahead = mostReadahead;
    this.endOfStream = endOfStream;
    duplex.listen({
      receive: (message) => this.#receive(message),
      lost: (cause) => this.#fail(errorOf(lostEnd(cause))),
    });
  }

  /** The next byte that a call reads or writes. */
  get position(): number {
    return this.context?.position ?? this.#position;
  }

  /** Whether a request has no answer yet: it may be one of a call that has given up. */
  get isAsking(): boolean {
    return this.#asking.isPending;
  }

  /** @throws {OffloopError} if the stream is over. */
  assertActive(): void {
    if (this.#failure) {
      this.#unreported = undefined;
      throw this.#failure;
    }
    if (this.status === 'closing' || this.status === 'closed')
      throw new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the byte stream: it is closed');
  }

  /** @throws {OffloopError} if the context has ended with an error. */
  assertSound(): void {
    const problem = this.context?.problem;
    if (!problem) return;
    this.#unreported = undefined;
    throw errorOf(problem);
  }

  /** @throws {OffloopError} that a write has met and no call has reported: it is reported once. */
  report(): void {
    const error = this.#unreported;
    this.#unreported = undefined;
    if (error) throw error;
  }

  /** Whether the stream is connected; `undefined` while it is being connected. */
  readonly connected = (): true | undefined => {
    this.assertActive();
    return this.status === 'connecting' ? undefined : true;
  };

  /** Waits until `attempt` gives something; it is tried at once, and after each message. */
  async until<T>(attempt: () => T | undefined, limits: Limits, what: string): Promise<T> {
    return attempt() ?? this.#calls.wait(attempt, limits, what);
  }

  async untilStatus<T>(attempt: () => T | undefined, limits: Limits, what: string): Promise<T> {
    return attempt() ?? this.#statuses.wait(attempt, limits, what);
  }

  /** Opens a context. */
  open(direction: Direction, position: number, from: 'absolute' | 'start' | 'end'): void {
    this.#contexts += 1;
    const { readahead: room, position: at } = this;
    const follows = this.endOfStream === 'follow';
    this.#ask({ kind: 'open', context: this.#contexts, direction, position, from, at, room, follows });
  }

  askFlush(): void {
    this.#ask({ kind: 'flush', context: this.#contexts });
  }

  askTruncate(side: 'before' | 'after'): void {
    this.#ask({ kind: 'truncate', context: this.#contexts, side });
  }

  /**
   * Whether the request was answered; `undefined` if it was not.
   *
   * @throws {OffloopError} if it was refused.
   */
  readonly answered = (): true | undefined => {
    this.assertActive();
    if (this.#asking.isPending) return undefined;
    this.report();
    this.#asking.assertDone();
    return true;
  };

  /** Whether there is no request under way; `undefined` if there is: that of a call that was given up. */
  readonly idle = (): true | undefined => {
    this.assertActive();
    return this.#asking.isPending ? undefined : true;
  };

  /** How many bytes may be sent. */
  get room(): number {
    const { context } = this;
    return context ? context.limit - context.position : 0;
  }

  /** Whether a call would find bytes, or the end. */
  get isReadable(): boolean {
    return this.buffer.size > 0 || this.context?.isEnded === true;
  }

  /**
   * Takes 1 to `most` bytes, or none at the end; `undefined` if there are none yet.
   *
   * @throws {OffloopError} if the stream or the context has ended with an error, after the bytes before that.
   */
  take(most: number): Buffer | undefined {
    const context = this.context as Context;
    if (this.buffer.size === 0) {
      this.assertActive();
      this.assertSound();
      return context.isEnded ? Buffer.alloc(0) : undefined;
    }
    const bytes = this.buffer.take(most);
    context.position += bytes.length;
    return bytes;
  }

  /** Puts back what {@link take} gave last. */
  putBack(taken: readonly Buffer[]): void {
    const { context, status } = this;
    if (!context || status === 'closing' || status === 'closed') return;
    this.buffer.putBack(taken);
    for (const { length } of taken) context.position -= length;
  }

  /** Lets the streamer read up to `limit`, by steps of at least `step` bytes. */
  raiseLimit(limit: number, step: number): void {
    const { context } = this;
    if (context?.direction !== 'read' || context.isEnded || limit - context.limit < Math.max(1, step)) return;
    context.limit = limit;
    this.#duplex.post({ kind: 'limit', context: context.id, limit });
  }

  /** Sends a copy of `bytes`. */
  send(bytes: Uint8Array): void {
    const context = this.context as Context;
    context.position += bytes.length;
    this.#duplex.post({ kind: 'data', context: context.id, bytes: this.#duplex.memory.copy(bytes) });
  }

  close(): void {
    if (this.status === 'failed' || this.status === 'closing' || this.status === 'closed') return;
    this.buffer.clear();
    this.#becomes('closing');
    this.#duplex.post({ kind: 'close' });
  }

  /** Gives the connection up, without an answer. */
  giveUp(): void {
    if (this.status === 'failed' || this.status === 'closed') return;
    this.#duplex.close();
    this.#becomes('closed');
  }

  #ask(request: Request): void {
    this.#asking.begin(request);
    this.#duplex.post(request);
  }

  #receive(message: ToStream): void {
    if (this.status === 'failed' || this.status === 'closed') return;
    if (this.status === 'closing' && !kindsOfClosing.has(message.kind)) return;
    switch (message.kind) {
      case 'connected':
        this.mode = message.mode;
        this.#position = message.position;
        if (this.status === 'connecting') this.#becomes('active');
        return;
      case 'opened':
        this.#opened(message);
        break;
      case 'refused':
      case 'done':
        this.#asking.end(message.problem);
        break;
      case 'closed':
        this.#duplex.close();
        this.#becomes('closed');
        return this.observers.tell('closed');
      case 'failed':
        return this.#fail(errorOf(message.problem));
      case 'data':
      case 'end':
      case 'limit':
      case 'broken':
        if (message.context === this.context?.id) this.#inContext(message, this.context);
        return;
    }
    this.#calls.serve();
  }

  #opened({ context: id, position, limit }: Extract<ToStream, { kind: 'opened' }>): void {
    const { direction } = this.#asking.end(undefined) as Extract<Request, { kind: 'open' }>;
    this.buffer.clear();
    this.context = { id, direction, position, limit, isEnded: false, problem: undefined };
    if (direction === 'write') this.onReady('canSend');
    // The window may have been changed meanwhile.
    else this.raiseLimit(position + this.readahead, 1);
  }

  #inContext(message: Extract<ToStream, { kind: 'data' | 'end' | 'limit' | 'broken' }>, context: Context): void {
    switch (message.kind) {
      case 'data': {
        const wasEmpty = this.buffer.size === 0;
        if (message.held === true && wasEmpty && this.#calls.size > 0) this.#widen();
        this.buffer.push(message.bytes);
        // Calls that wait come first.
        this.#calls.serve();
        if (wasEmpty && this.buffer.size > 0) this.onReady('canRecv');
        return;
      }
      case 'end':
        context.isEnded = true;
        this.#calls.serve();
        return this.buffer.size === 0 ? this.onReady('canRecv') : undefined;
      case 'limit': {
        const wasFull = context.position >= context.limit;
        context.limit = message.limit;
        this.#calls.serve();
        if (wasFull && context.position < context.limit) this.onReady('canSend');
        return;
      }
      case 'broken': {
        context.problem = message.problem;
        const error = errorOf(message.problem);
        if (context.direction === 'write') this.#unreported = error;
        this.#calls.serve();
        this.observers.tell('contextError', error);
      }
    }
  }

  /**
   * Reads further ahead. A call has waited while the other end waited to be let read on: the bytes that are on their way
   * are fewer than fit.
   */
  #widen(): void {
    this.readahead = Math.max(this.readahead, Math.min(this.readahead * 2, this.mostReadahead));
  }

  #fail(error: OffloopError): void {
    if (this.status === 'failed' || this.status === 'closed') return;
    this.#duplex.close();
    this.#failure = error;
    this.#unreported = error;
    this.#becomes('failed');
    this.observers.tell('failed', error);
  }

  #becomes(status: StreamStatus): void {
    this.status = status;
    this.#calls.serve();
    this.#statuses.serve();
  }
}

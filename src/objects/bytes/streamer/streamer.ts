/** The end of a byte stream that has the source. @module */

import { OffloopError } from '../../../base/errors.ts';
import { Promise } from '../../../base/intrinsics.ts';
import { modeError, positionError } from '../mode.ts';
import type { StreamMode } from '../mode.ts';
import type { OpenableSource } from '../source/source.ts';
import type { Duplex } from '../wire/duplex.ts';
import type { Direction, Problem, ToStream, ToStreamer } from '../wire/messages.ts';
import { problemOf, sourceFailure } from '../wire/problem.ts';
import { Access, SourceFailure } from './access.ts';
import { Growth } from './growth.ts';

/** The most bytes that are read from a source at once. */
const mostRead = 256 * 1024;

/** How often a source may give nothing before its end; then the stream fails, instead of asking for ever. */
const mostEmpty = 3;

/** The requests to the streamer, in order; at the end, that the stream is gone, or that the streamer has to fail. */
type Task = ToStreamer | { readonly kind: 'leave'; readonly problem: Problem | undefined };

type Open = Extract<ToStreamer, { kind: 'open' }>;

/** Reading or writing from one position on. */
interface Context {
  readonly id: number;
  readonly direction: Direction;

  /** The next byte that is read or written. */
  position: number;

  /** Up to where bytes may be read, or written. */
  limit: number;

  /** Whether nothing more is done in it: its end was reported, or an error. */
  isOver: boolean;

  /** Whether it has waited for the limit since it has read. */
  isHeld: boolean;
  readonly follows: boolean;
}

/**
 * Obeys the stream, one task at a time and in order; while there is none, reads ahead up to the limit.
 *
 * Invariant: no byte is read beyond `limit` of a context, and no more than `window` written bytes wait.
 */
export class Streamer {
  readonly #access: Access;
  readonly #mode: StreamMode;
  readonly #duplex: Duplex<ToStream, ToStreamer>;
  readonly #window: number;
  readonly #growth: Growth;
  readonly #tasks: Task[] = [];
  #context: Context = { id: 0, direction: 'read', position: 0, limit: 0, isOver: true, isHeld: false, follows: false };

  /** A read that a seek has interrupted; it goes on if the seek is refused. */
  #reading: Promise<Uint8Array> | undefined;
  #empty = 0;
  #wake: (() => void) | undefined;
  #interrupt: (() => void) | undefined;
  #isOver = false;

  /** Why the streamer has to fail, if it has to. */
  #ending: Problem | undefined;

  /** `window` is how many bytes may be written ahead. */
  constructor(from: OpenableSource, duplex: Duplex<ToStream, ToStreamer>, window: number) {
    this.#access = new Access(from, duplex.memory);
    this.#mode = from.mode;
    this.#duplex = duplex;
    this.#window = window;
    this.#growth = new Growth(
      (changed) => this.#access.watch(changed),
      () => this.#wake?.(),
    );
    duplex.listen({
      receive: (message) => this.#receive(message),
      lost: () => this.#add({ kind: 'leave', problem: undefined }),
    });
    void this.#run();
  }

  /** Ends the stream with an error, after what it has asked for. */
  fail(error: OffloopError): void {
    this.#add({ kind: 'leave', problem: problemOf(error) });
  }

  #receive(message: ToStreamer): void {
    if (message.kind !== 'limit' || message.context !== this.#context.id) return this.#add(message);
    // At once, and not in turn: a read ahead goes on meanwhile.
    this.#context.limit = message.limit;
    this.#wake?.();
  }

  #add(task: Task): void {
    if (this.#isOver) return;
    this.#tasks.push(task);
    this.#wake?.();
    if (task.kind === 'open' || task.kind === 'close' || task.kind === 'leave') this.#interrupt?.();
  }

  async #run(): Promise<void> {
    let problem: Problem | undefined;
    try {
      await this.#connect();
      while (!this.#isOver) {
        const task = this.#tasks.shift();
        if (task) await this.#obey(task);
        else if (this.#mayRead) await this.#read();
        else {
          this.#context.isHeld = !this.#context.isOver;
          await this.#sleep();
        }
      }
    } catch (error) {
      problem = error instanceof SourceFailure ? error.problem : sourceFailure('be used', error);
    }
    await this.#leave(problem);
  }

  async #connect(): Promise<void> {
    await this.#access.open();
    const position = await this.#access.first();
    this.#context.position = position;
    this.#duplex.post({ kind: 'connected', mode: this.#mode, position });
  }

  /** Closes the source, whatever has ended the stream. */
  async #leave(problem: Problem | undefined): Promise<void> {
    this.#isOver = true;
    this.#growth.stop();
    this.#reading?.catch(() => undefined);
    let closing: Problem | undefined;
    try {
      await this.#access.close();
    } catch (error) {
      closing = (error as SourceFailure).problem;
    }
    const failure = problem ?? this.#ending ?? closing;
    this.#duplex.post(failure ? { kind: 'failed', problem: failure } : { kind: 'closed' });
  }

  async #obey(task: Task): Promise<void> {
    switch (task.kind) {
      case 'open':
        return this.#open(task);
      case 'limit':
        if (task.context === this.#context.id) this.#context.limit = task.limit;
        return;
      case 'data':
        return this.#write(task.context, task.bytes);
      case 'flush':
        await this.#access.flush();
        return this.#duplex.post({ kind: 'done', problem: undefined });
      case 'truncate':
        return this.#duplex.post({ kind: 'done', problem: await this.#truncate(task.side) });
      case 'leave':
        this.#ending = task.problem;
        this.#isOver = true;
        return;
      case 'close':
        this.#isOver = true;
    }
  }

  async #open(asked: Open): Promise<void> {
    const { context: id, direction, room, follows } = asked;
    try {
      const position = await this.#resolve(asked);
      this.#reading?.catch(() => undefined);
      this.#reading = undefined;
      this.#empty = 0;
      const limit = position + (direction === 'read' ? room : this.#window);
      this.#context = { id, direction, position, limit, isOver: false, isHeld: false, follows };
      this.#duplex.post({ kind: 'opened', context: id, position, limit });
    } catch (error) {
      if (!(error instanceof OffloopError)) throw error;
      this.#duplex.post({ kind: 'refused', problem: problemOf(error) });
    }
  }

  /**
   * The position that a stream asks for.
   *
   * @throws {OffloopError} if the stream may not go there, or there is no such position.
   */
  async #resolve({ direction, position: offset, from, at }: Open): Promise<number> {
    const isWriting = direction === 'write';
    if (isWriting && this.#access.appends) return this.#access.end();
    const { start, least, end } = await this.#access.bounds();
    const action = `${isWriting ? 'write' : 'read'} at a position`;
    if (from === 'end' && end === Infinity)
      throw modeError(action, 'it counts from the end, which the source does not know');
    const position = offset + { absolute: 0, start, end }[from];
    const { seekForward, seekBackward } = this.#mode;
    if (position > at && !seekForward)
      throw modeError(action, `the stream cannot seek forward, from ${at} to ${position}`);
    if (position < at && !seekBackward)
      throw modeError(action, `the stream cannot seek backward, from ${at} to ${position}`);
    if (position >= least && position <= end && position >= 0) return position;
    const range = end === Infinity ? `from ${least} on` : `from ${least} to ${end}`;
    throw positionError(action, `the source has the positions ${range}, not ${position}`);
  }

  async #write(id: number, bytes: Uint8Array): Promise<void> {
    const context = this.#context;
    if (id !== context.id || context.isOver) return;
    const { position } = context;
    const next = position + bytes.length;
    const canGrow = this.#mode.endCanIncrease && this.#mode.canMoveEnd;
    if (!canGrow && this.#mode.endBounded) {
      const end = await this.#access.end();
      if (next > end)
        return this.#break(`write ${bytes.length} bytes at ${position}`, `they would move the end, ${end}`);
    }
    await this.#access.write(position, bytes);
    context.position = next;
    // By halves: not every chunk needs a message back.
    if (context.limit - next > this.#window / 2) return;
    context.limit = next + this.#window;
    this.#duplex.post({ kind: 'limit', context: id, limit: context.limit });
  }

  async #truncate(side: 'before' | 'after'): Promise<Problem | undefined> {
    try {
      await this.#access.truncate(side, this.#context.position, this.#mode);
      return undefined;
    } catch (error) {
      if (error instanceof OffloopError) return problemOf(error);
      throw error;
    }
  }

  get #mayRead(): boolean {
    const { direction, isOver, position, limit } = this.#context;
    return direction === 'read' && !isOver && position < limit;
  }

  async #read(): Promise<void> {
    const context = this.#context;
    const { position, limit } = context;
    this.#reading ??= this.#access.read(position, Math.min(limit - position, mostRead));
    const bytes = await this.#unlessInterrupted(this.#reading);
    if (!bytes) return;
    this.#reading = undefined;
    if (bytes.length === 0) return this.#atEnd();
    this.#empty = 0;
    context.position += bytes.length;
    this.#duplex.post({ kind: 'data', context: context.id, bytes, held: context.isHeld });
    context.isHeld = false;
  }

  /** Gives `undefined` if a seek or the end of the stream comes first. */
  #unlessInterrupted(reading: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(undefined);
      reading.then(resolve, reject);
    });
  }

  /** The source has no bytes at the position: that is its end, or the bytes there are gone. */
  async #atEnd(): Promise<void> {
    const context = this.#context;
    const { id, position, follows } = context;
    const { least, end } = await this.#access.bounds();
    if (position < least || (end !== Infinity && position > end))
      return this.#break(
        `read at ${position}`,
        `the source was truncated, and has the positions from ${least} to ${end}`,
      );
    if (end !== Infinity && position < end) {
      this.#empty += 1;
      if (this.#empty > mostEmpty)
        this.#access.refuse('read', `it gave no bytes at ${position}, before its end at ${end}`);
      return;
    }
    if (!follows) {
      context.isOver = true;
      return this.#duplex.post({ kind: 'end', context: id });
    }
    if (this.#growth.begin()) return;
    if (this.#tasks.length === 0) await this.#growth.wait(() => this.#sleep());
  }

  #break(action: string, why: string): void {
    const { id } = this.#context;
    this.#context.isOver = true;
    this.#duplex.post({ kind: 'broken', context: id, problem: problemOf(positionError(action, why)) });
  }

  /** Until a message arrives, or the source may have grown. */
  #sleep(): Promise<void> {
    if (this.#tasks.length > 0) return Promise.resolve();
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

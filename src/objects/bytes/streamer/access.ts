/** Calls the methods of a source, and tells what they throw from what a stream may not do. @module */

import { argumentError } from '../../../base/errors.ts';
import { isThenable } from '../../../base/thenable.ts';
import { modeError } from '../mode.ts';
import type { StreamMode } from '../mode.ts';
import type { ByteSource, OpenableSource } from '../source/source.ts';
import type { Problem } from '../wire/messages.ts';
import type { ChunkMemory } from '../wire/chunk-memory.ts';
import { sourceFailure } from '../wire/problem.ts';

/** Thrown when the source has thrown: the stream is over. */
export class SourceFailure {
  readonly problem: Problem;

  constructor(action: string, cause: unknown) {
    this.problem = sourceFailure(action, cause);
  }
}

/** Where the data begin and end; the end may be unknown. */
export interface Bounds {
  readonly start: number;

  /** The first position to which a stream may go. */
  readonly least: number;
  readonly end: number;
}

const empty = new Uint8Array(0);

/** All methods throw {@link SourceFailure} if the source throws. */
export class Access {
  readonly appends: boolean;
  readonly #source: ByteSource;
  readonly #readInto: OpenableSource['readInto'];
  readonly #memory: ChunkMemory;
  readonly #isBounded: boolean;
  readonly #startsBounded: boolean;
  #isOpen = false;

  /** `memory` is for what is read. */
  constructor({ source, mode, readInto, appends }: OpenableSource, memory: ChunkMemory) {
    this.#source = source;
    this.#readInto = readInto;
    this.#memory = memory;
    this.#isBounded = mode.endBounded;
    this.#startsBounded = mode.startBounded;
    this.appends = appends;
  }

  async open(): Promise<void> {
    await this.#call('be opened', () => this.#source.open?.());
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#call('be closed', () => this.#source.close?.());
  }

  /** The position at which a stream begins. */
  async first(): Promise<number> {
    return this.appends ? this.end() : this.#start();
  }

  async end(): Promise<number> {
    const end = await this.#call('tell its length', () => this.#source.length?.());
    return end === undefined ? Infinity : this.#checked('length', end);
  }

  async bounds(): Promise<Bounds> {
    const start = await this.#start();
    const least = this.#startsBounded ? start : 0;
    return { start, least, end: this.#isBounded ? await this.end() : Infinity };
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const readInto = this.#readInto;
    let bytes: Uint8Array;
    try {
      if (readInto) {
        const memory = this.#memory.take(length);
        return this.#memory.shorten(memory, await readInto(position, memory));
      }
      const given = this.#source.read?.(position, length) ?? empty;
      bytes = isThenable(given) ? ((await given) ?? empty) : given;
    } catch (error) {
      throw new SourceFailure('read', error);
    }
    if (!(bytes instanceof Uint8Array) || bytes.length > length)
      this.refuse('read', `it gave ${describe(bytes)}, not a Uint8Array of at most ${length} bytes`);
    return this.#memory.copy(bytes);
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    await this.#call('write', () => this.#source.write?.(position, bytes));
  }

  async flush(): Promise<void> {
    await this.#call('flush', () => this.#source.flush?.());
  }

  /** Begins to watch the source, if it can be watched. */
  watch(changed: () => void): (() => void) | undefined {
    try {
      return this.#source.watch?.(changed);
    } catch (error) {
      throw new SourceFailure('be watched', error);
    }
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_MODE` if the source cannot do that. */
  async truncate(side: 'before' | 'after', position: number, mode: StreamMode): Promise<void> {
    const source = this.#source;
    const isBefore = side === 'before';
    const isAllowed = isBefore ? mode.canMoveStart && mode.startCanIncrease : mode.canMoveEnd && mode.endCanDecrease;
    if (!isAllowed || !(isBefore ? source.truncateBefore : source.truncateAfter))
      throw modeError(
        `truncate the data ${side} a position`,
        `the stream may not move their ${isBefore ? 'start' : 'end'}`,
      );
    await this.#call('truncate', () =>
      isBefore ? source.truncateBefore?.(position) : source.truncateAfter?.(position),
    );
  }

  /** Ends the stream because of what the source did. */
  refuse(action: string, why: string): never {
    throw new SourceFailure(action, argumentError(`Cannot use the source of a byte stream: ${why}`));
  }

  async #start(): Promise<number> {
    return this.#checked('start', (await this.#call('tell its start', () => this.#source.start?.())) ?? 0);
  }

  #checked(name: string, value: number): number {
    if (!Number.isSafeInteger(value) || value < 0)
      this.refuse(`tell its ${name}`, `${name}() gave ${describe(value)}, not a whole number from 0`);
    return value;
  }

  async #call<T>(action: string, method: () => T): Promise<Awaited<T>> {
    try {
      return await method();
    } catch (error) {
      throw new SourceFailure(action, error);
    }
  }
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}

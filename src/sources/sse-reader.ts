/** Reads server-sent events, by the parser of `eventsource-parser`. @module */

import { importPeer } from '../base/peer.ts';
import { LineBlocks } from './line-blocks.ts';
import { tooLong, unreadable } from './failures.ts';
import type { Reader, ReaderOptions } from './ndjson-reader.ts';

interface Parser {
  feed(text: string): void;
}

interface Message {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}

interface Callbacks {
  onEvent(message: Message): void;
  onRetry(delay: number): void;
  onComment(): void;
  onError(error: { readonly type?: unknown }): void;
  readonly maxBufferSize: number;
}

/** The module `eventsource-parser`, as far as it is used. */
export interface ParserModule {
  createParser(callbacks: Callbacks): Parser;
}

const peer = { name: 'eventsource-parser', from: [3, 1], below: 5, use: 'server-sent events' } as const;

/** @throws {OffloopError} `ERR_OFFLOOP_PEER` if it is not installed, or has another version. */
export async function loadParser(): Promise<ParserModule> {
  return (await importPeer(peer)) as ParserModule;
}

/** Where a source of server-sent events stands, over all of its connections. */
export interface Position {
  /** The last id that the server has sent; `''` if there is none. */
  lastEventId: string;

  /** How long the server wants its clients to wait, in milliseconds. */
  retry: number | undefined;
}

/** The events of a chunk are made at once, since the parser gives them so. */
export class SseReader<T extends object> implements Reader<T> {
  isGood = false;
  readonly #options: ReaderOptions<T>;
  readonly #position: Position;
  readonly #lines: LineBlocks;
  readonly #parser: Parser;

  /** The items that are there, the last one first. */
  #items: T[] = [];

  /** Whether a line feed that comes now is the other half of a line end. */
  #endedAtReturn = false;

  /** No text of so many characters has too many bytes. */
  readonly #surelyShort: number;

  /** A failure while there are items before it. */
  #failure: { readonly error: unknown } | undefined;

  /** An event of the parser. This is done for each one, and cold as well: few calls, and no look at what few use. */
  readonly #hear = (message: Message): void => {
    if (this.#failure) return;
    const { data: text, event: name, id } = message;
    const { parse, isPing, item } = this.#options;
    const position = this.#position;
    // An event that cannot be read is not behind us: the server sends it again.
    const last = id ?? position.lastEventId;
    try {
      if (text.length > this.#surelyShort) this.#lines.check(text);
      const data = parse ? parse(text) : text;
      const event = { type: 'event', data, event: name ?? 'message', id: last || undefined } as const;
      const isSwallowed = isPing ? isPing(event) : name === 'ping';
      if (!isSwallowed) this.#items.push(item ? item(event) : (event as object as T));
    } catch (error) {
      return this.#fail(unreadable(this.#options.name, text, error));
    }
    this.isGood = true;
    position.lastEventId = last;
  };

  constructor({ createParser }: ParserModule, position: Position, options: ReaderOptions<T>) {
    this.#options = options;
    this.#position = position;
    const { maxLength } = options;
    this.#surelyShort = maxLength / 3;
    this.#lines = new LineBlocks(maxLength, { endsAtReturns: true });
    this.#parser = createParser({
      onEvent: this.#hear,
      onRetry: (delay) => (this.#position.retry = delay),
      onComment: () => (this.isGood = true),
      onError: ({ type }) => {
        // By the standard, fields that are not known are ignored.
        if (type === 'max-buffer-size-exceeded') this.#fail(tooLong(maxLength));
      },
      maxBufferSize: maxLength,
    });
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#items.length > 0 ? undefined : this.#failure;
  }

  feed(chunk: Uint8Array): void {
    this.#items = [];
    const block = this.#lines.feed(chunk);
    if (block !== '') this.#parse(this.#withLineFeeds(block));
    this.#items.reverse();
    if (this.#lines.isTooLong) this.#fail(tooLong(this.#options.maxLength));
  }

  /** By the standard, an event without its blank line is none. */
  finish(): void {
    this.#items = [];
  }

  take(): T | undefined {
    return this.#items.pop();
  }

  /** The parser would keep a line that ends with a return until it knows what follows. */
  #withLineFeeds(block: string): string {
    const isHalf = this.#endedAtReturn && block.startsWith('\n');
    this.#endedAtReturn = block.endsWith('\r');
    const text = isHalf ? block.slice(1) : block;
    return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
  }

  #parse(block: string): void {
    const whole = this.#lines.withoutLong(block);
    this.#parser.feed(whole);
    if (whole.length < block.length) this.#fail(tooLong(this.#options.maxLength));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }
}

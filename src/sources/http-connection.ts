/** A response that is read as it comes. @module */

import type { Connection, ItemsHere } from './connection.ts';
import { ended, failed, idle, SourceError, unauthorized } from './failures.ts';
import type { IdleWatch } from '../base/idle-watch.ts';
import type { Reader } from './ndjson-reader.ts';

/** A request that is out, or whose response is read. */
export interface Exchange {
  readonly name: string;
  readonly idleTimeout: number;
  readonly watch: IdleWatch;

  /** Ends the request and the response. */
  abort(): void;
}

/** The bytes with which compressed data begins; no text in UTF-8 does. */
const magics = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const;

/** Invariant: a chunk is read only when the one before is used up. */
export class HttpConnection<T extends object> implements Connection<T> {
  readonly #exchange: Exchange;
  readonly #reader: Reader<T>;
  readonly #body: ReadableStreamDefaultReader<Uint8Array>;

  /** Whether a last line without its end is sure to be all of it. */
  readonly #isWhole: boolean;
  #hasBegun = false;
  #hasEnded = false;

  constructor(exchange: Exchange, response: Response, reader: Reader<T>) {
    this.#exchange = exchange;
    this.#reader = reader;
    this.#body = (response.body as unknown as ReadableStream<Uint8Array>).getReader();
    // Without one of these the response may have been cut; so may one that was compressed, of which `fetch` does not tell.
    const { headers } = response;
    const isFramed = ['content-length', 'transfer-encoding'].some((name) => headers.has(name));
    this.#isWhole = isFramed && !headers.has('content-encoding');
  }

  get isGood(): boolean {
    return this.#reader.isGood;
  }

  get items(): ItemsHere<T> {
    return this.#reader;
  }

  async more(): Promise<boolean> {
    const { failure } = this.#reader;
    if (failure) throw failure.error;
    if (this.#hasEnded) return false;
    const { watch } = this.#exchange;
    watch.begin();
    try {
      const { done, value } = await this.#body.read();
      if (done) {
        this.#hasEnded = true;
        this.#reader.finish(this.#isWhole);
      } else {
        if (!this.#hasBegun) this.#begin(value);
        this.#reader.feed(value);
      }
      return true;
    } catch (error) {
      throw failureOf(error, this.#exchange);
    } finally {
      watch.end();
    }
  }

  /** @throws {SourceError} If it is compressed still: as text of events it would be nothing, and nobody would know. */
  #begin(chunk: Uint8Array): void {
    this.#hasBegun = true;
    for (const [coding, magic] of Object.entries(magics))
      if (magic.every((byte, i) => chunk[i] === byte))
        throw ended(this.#exchange.name, `the server sends it compressed by ${coding}, which fetch has not undone`);
  }

  close(): void {
    this.#exchange.watch.close();
    this.#exchange.abort();
  }
}

/** The error of `fetch`, in the words of this library; an error of its own is the reason of an abort. */
export function failureOf(error: unknown, { name, idleTimeout }: Pick<Exchange, 'name' | 'idleTimeout'>): unknown {
  if (error instanceof SourceError) return error;
  const causes = causesOf(error);
  // `fetch` has limits of its own for a quiet server.
  if (causes.some(({ code }) => /^UND_ERR_(?:BODY|HEADERS|CONNECT)_TIMEOUT$/.test(code)))
    return idle(name, Math.min(idleTimeout, 300_000), error);
  // `fetch` shows no answer of a proxy that does not know us: only its error tells the status.
  if (causes.some(({ code, message }) => code.startsWith('UND_ERR_') && message.includes('(407)')))
    return unauthorized(name, 407, error);
  return failed(name, error);
}

/** The errors behind `error`, the nearest first. */
function causesOf(error: unknown): { code: string; message: string }[] {
  const causes: { code: string; message: string }[] = [];
  let cause: unknown = error;
  while (cause instanceof Error && causes.length < 10) {
    causes.push({ code: String((cause as { code?: unknown }).code), message: cause.message });
    cause = cause.cause;
  }
  return causes;
}

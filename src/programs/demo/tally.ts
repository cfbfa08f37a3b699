/** Adds up what was found out about the files, and what could not be. @module */

import { mostFrequent } from './facts.ts';
import type { FileFacts, WordCount } from './facts.ts';

/** A file that could not be done, and why. */
export interface FileFailure {
  readonly path: string;

  /** The file system's code, such as `EACCES`, if it gave one. */
  readonly code: string | undefined;

  readonly message: string;
}

/** How far a file shrinks. */
export interface Compressed {
  readonly path: string;
  readonly bytes: number;
  readonly compressed: number;
}

/** What the files are like altogether. */
export interface Findings {
  readonly bytes: number;
  readonly compressed: number;

  /** How many files have the same content as an earlier one. */
  readonly copies: number;

  readonly words: number;

  /** Added up from each file's most frequent words. */
  readonly topWords: readonly WordCount[];

  /** The files that shrink the most; tiny ones and copies are left out. */
  readonly mostCompressible: readonly Compressed[];
}

const listed = 5;

// Below this a ratio says more about Brotli's built-in dictionary than about the file.
const tiny = 1024;

/**
 * The facts so far.
 *
 * Invariant: `#compressible` is sorted by ratio and has no more than {@link listed} files, so memory stays flat.
 */
export class Tally {
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, number>();
  #compressible: Compressed[] = [];
  #copies = 0;
  #bytes = 0;
  #compressed = 0;
  #words = 0;

  /** Takes one file's facts in. */
  add({ path, bytes, compressed, words, topWords, sha256 }: FileFacts): void {
    this.#bytes += bytes;
    this.#compressed += compressed;
    this.#words += words;
    for (const [word, count] of topWords) this.#counts.set(word, (this.#counts.get(word) ?? 0) + count);

    if (this.#seen.has(sha256)) {
      this.#copies += 1;
      return;
    }
    this.#seen.add(sha256);
    if (bytes >= tiny) this.#rank({ path, bytes, compressed });
  }

  /** What the files are like so far. */
  findings(): Findings {
    return {
      bytes: this.#bytes,
      compressed: this.#compressed,
      copies: this.#copies,
      words: this.#words,
      topWords: mostFrequent(this.#counts, listed),
      mostCompressible: [...this.#compressible],
    };
  }

  #rank(file: Compressed): void {
    const last = this.#compressible.at(-1);
    if (last && this.#compressible.length === listed && ratio(last) <= ratio(file)) return;

    this.#compressible = [...this.#compressible, file].sort((a, b) => ratio(a) - ratio(b)).slice(0, listed);
  }
}

/** What is told of an error that kept a file from being done. */
export function failure(path: string, error: unknown): FileFailure {
  const { code } = Object(error) as { code?: unknown };
  return {
    path,
    code: typeof code === 'string' ? code : undefined,
    message: error instanceof Error ? error.message : String(error),
  };
}

function ratio({ bytes, compressed }: Compressed): number {
  return compressed / bytes;
}

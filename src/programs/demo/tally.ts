/** Sums up the facts about the files, and the failures. @module */

import { mostFrequent } from './facts.ts';
import type { FileFacts, WordCount } from './facts.ts';

/** A file that could not be processed, and why. */
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

/** The facts about all files together. */
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

  /** The facts about all files so far. */
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

/** Describes an error that kept a file from being processed. */
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

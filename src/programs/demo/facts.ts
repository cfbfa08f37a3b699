/** Computes facts about a file: real work of the kind that blocks an event loop. @module */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { brotliCompressSync, constants } from 'node:zlib';

/** A word and how often it occurs. */
export type WordCount = readonly [word: string, count: number];

/** The facts about a file; see {@link digestFile}. */
export interface FileFacts {
  readonly path: string;
  readonly bytes: number;

  /** In hexadecimal digits. */
  readonly sha256: string;

  /** Size after Brotli compression, in bytes. */
  readonly compressed: number;

  /** How many words the text has; `0` for a file that is not text. */
  readonly words: number;

  /** The most frequent words, most frequent first; at most 50. */
  readonly topWords: readonly WordCount[];

  /** The `threadId` of the thread that did the work. */
  readonly thread: number;
}

// A build or a static web server would use 11, which takes some thirty times as long.
const quality = 8;

const topWordsPerFile = 50;

// As git does it: a file with a NUL byte near its start is not text.
const textProbe = 8000;

// Longer lines are source maps, minified code and the like: data, and its "words" would top every list.
const longestLine = 1000;

/**
 * Reads, hashes and compresses a file and counts its words, all of it blocking.
 *
 * @throws the file system's error if the file cannot be read.
 */
export function digestFile(path: string): FileFacts {
  const content = readFileSync(path);
  const counts = countWords(content);

  return {
    path,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    compressed: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }).length,
    words: [...counts.values()].reduce((sum, count) => sum + count, 0),
    // Not the whole map: a file has thousands of words, and receiving them all would keep the main thread busy.
    topWords: mostFrequent(counts, topWordsPerFile),
    thread: threadId,
  };
}

/** The `limit` words with the highest counts, most frequent first, and by the alphabet where counts are equal. */
export function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): WordCount[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, limit);
}

/** Counts words of three letters or more, in lower case, on lines of at most {@link longestLine} characters. */
function countWords(content: Buffer): Map<string, number> {
  const counts = new Map<string, number>();
  if (content.subarray(0, textProbe).includes(0)) return counts;

  for (const line of content.toString('utf8').split('\n')) {
    if (line.length > longestLine) continue;
    for (const [word] of line.toLowerCase().matchAll(/\p{L}{3,}/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

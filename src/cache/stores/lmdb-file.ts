/** Looks at the file of an lmdb store before lmdb does, which would end the process for a damaged one. @module */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { hasPages } from './lmdb-pages.ts';
import type { Read, Snapshot } from './lmdb-pages.ts';

/** The head of each page, and the parts of the first two pages, which say where everything is. */
const Meta = {
  flags: 18,
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  last: 144,
  transaction: 152,
  end: 168,
} as const;

const magic = 0xbeefc0de;
const metaFlag = 8;
const leastPageSize = 512;
const mostPageSize = 65_536;

/** All pages of a file of up to so many bytes are looked at; of a larger one only the roots of its trees. */
const mostLookedAt = 16 * 2 ** 20;

/** The root of a tree that has no page. */
const none = 2n ** 64n - 1n;

/**
 * Checks what lmdb trusts in the file: that it is one of lmdb, whole to the last page that is used, with trees whose roots
 * are there; and of a small file, that all pages of the trees are. Nobody can tell whether keys and values are those that were
 * written: lmdb keeps no checksums.
 *
 * @throws {Error} that says what is wrong.
 */
export function checkLmdbFile(path: string): void {
  const file = opened(path);
  if (file === undefined) return;
  try {
    const read: Read = (at, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    };
    const size = (): number => fstatSync(file).size;
    // An empty file is a new one. The numbers in the file are those of the machine.
    if (size() === 0 || endianness() !== 'LE') return;
    let before: bigint | undefined;
    for (;;) {
      const snapshot = snapshotIn(read);
      const fault = faultOf(snapshot, read, size());
      if (fault === undefined) return;
      // Another process may have made a commit meanwhile, which used pages of the one before.
      if (snapshot.transaction === before) throw new Error(`data.mdb is damaged: ${fault}`);
      before = snapshot.transaction;
    }
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The last commit, of which the first two pages tell in turns. */
function snapshotIn(read: Read): Snapshot {
  const first = metaIn(read(0, Meta.end));
  const second = metaIn(read(first.pageSize, Meta.end));
  return second.transaction > first.transaction ? { ...second, pageSize: first.pageSize } : first;
}

function metaIn(bytes: Buffer): Snapshot {
  if (bytes.length < Meta.end) throw new Error('data.mdb is damaged: it ends within its first two pages');
  if ((bytes.readUInt16LE(Meta.flags) & metaFlag) === 0 || bytes.readUInt32LE(Meta.magic) !== magic)
    throw new Error('data.mdb is damaged, or no file of lmdb: its first two pages are not those of a store');
  const version = bytes.readUInt16LE(Meta.version);
  if (version !== 1 && version !== 2) throw new Error(`data.mdb has the version ${version}: expected 1 or 2`);
  const pageSize = bytes.readUInt32LE(Meta.pageSize);
  if (pageSize < leastPageSize || pageSize > mostPageSize || (pageSize & (pageSize - 1)) !== 0)
    throw new Error(`data.mdb is damaged: its pages cannot have ${pageSize} bytes`);
  const roots = [bytes.readBigUInt64LE(Meta.freeRoot), bytes.readBigUInt64LE(Meta.mainRoot)];
  return {
    transaction: bytes.readBigUInt64LE(Meta.transaction),
    pageSize,
    roots: roots.filter((root) => root !== none).map(Number),
    last: Number(bytes.readBigUInt64LE(Meta.last)),
  };
}

function faultOf(snapshot: Snapshot, read: Read, size: number): string | undefined {
  const { pageSize, roots, last } = snapshot;
  const outside = roots.find((root) => root < 2 || root > last);
  if (outside !== undefined) return `its page ${outside} is not one that is used`;
  // Pages at the end may never have been written, if they are free.
  const isWhole = size >= (last + 1) * pageSize;
  const isDeep = !isWhole || size <= mostLookedAt;
  return hasPages(snapshot, read, { size, isDeep }) ? undefined : 'pages are missing, or are not what they should be';
}

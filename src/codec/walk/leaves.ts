/** Packs objects that have no parts of their own to walk over. @module */

import type { File } from 'node:buffer';
import { assertAttached, assertBytes, packBuffer } from './buffers.ts';
import { fileTicket } from './files.ts';
import { sharedTicket } from './shared.ts';
import type { Shared } from './shared.ts';
import type { Packing } from './trail.ts';
import type { PackedKind, PartWalker } from './walker.ts';

/** The kinds of such objects. */
export type LeafKind = Extract<PackedKind, 'buffer' | 'file' | 'kept' | 'memory' | 'params' | 'shared' | 'url'>;

/** Packs `value`: as it is, or as the payload of a hole. */
export function packLeaf(kind: LeafKind, value: object, walker: PartWalker): Packing {
  const { trail, asBytes } = walker;
  if (kind === 'memory') assertAttached(value, walker);
  if (asBytes && (kind === 'memory' || kind === 'kept' || kind === 'shared' || kind === 'file'))
    assertBytes(value, walker);
  switch (kind) {
    case 'memory':
    case 'kept':
      return trail.keep(value, value);
    case 'buffer':
      return trail.keep(value, packBuffer(value as Buffer, trail.transfer, walker), 'buffer');
    case 'shared':
      return trail.keep(value, (value as Shared)[sharedTicket], 'shared');
    case 'url':
      return trail.keep(value, { href: (value as URL).href }, 'url');
    case 'params':
      return trail.keep(value, { query: (value as URLSearchParams).toString() }, 'params');
    case 'file':
      return trail.keep(value, fileTicket(value as File), 'file');
  }
}

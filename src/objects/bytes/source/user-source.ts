/** A source that the program defines. @module */

import { argumentError } from '../../../base/errors.ts';
import { flags, nothing } from '../mode.ts';
import type { ByteSource, OpenableSource } from './source.ts';

const methods = [
  'open',
  'read',
  'write',
  'length',
  'start',
  'truncateBefore',
  'truncateAfter',
  'flush',
  'watch',
  'close',
] as const;

/** Checks a source, and gives it with the mode that its methods and its own `mode` say. */
export function userSource(source: ByteSource): OpenableSource {
  for (const name of methods) {
    const method: unknown = source[name];
    if (method !== undefined && typeof method !== 'function')
      throw argumentError(`Cannot use the source of a byte stream: its ${name} is not a function`);
  }
  if (!source.read && !source.write)
    throw argumentError('Cannot use the source of a byte stream: it has neither read nor write');
  return {
    source,
    appends: false,
    optional: new Set(flags.filter((name) => isOpen(source, name))),
    mode: {
      ...nothing,
      readable: source.read !== undefined,
      writable: source.write !== undefined,
      startBounded: true,
      startCanIncrease: source.truncateBefore !== undefined,
      canMoveStart: source.truncateBefore !== undefined,
      endBounded: source.length !== undefined,
      endCanDecrease: source.truncateAfter !== undefined,
      endCanIncrease: true,
      canMoveEnd: source.truncateAfter !== undefined || source.write !== undefined,
      seekBackward: true,
      seekForward: true,
    },
  };
}

/** Whether the source can do what the flag `name` says; a flag that says nothing of a method is the program's to set. */
function isOpen(source: ByteSource, name: (typeof flags)[number]): boolean {
  if (name === 'readable') return source.read !== undefined;
  if (name === 'writable') return source.write !== undefined;
  if (name === 'endBounded') return source.length !== undefined;
  if (name === 'canMoveStart') return source.truncateBefore !== undefined;
  if (name === 'canMoveEnd') return source.truncateAfter !== undefined || source.write !== undefined;
  return true;
}

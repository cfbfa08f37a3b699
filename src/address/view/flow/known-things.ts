/** Things that no code changes, or not by chance. @module */

import type { Thing } from './value.ts';

const fixed: ReadonlySet<Thing['kind']> = new Set(['library', 'ours', 'wrapper']);

/** Whether no code changes `thing`, because it belongs to the library or is frozen. */
export const isFixed = (thing: Thing): boolean => thing.isFrozen || fixed.has(thing.kind);

/** Whether `thing` is a built-in prototype, such as `Array.prototype`, which all objects of its kind share. */
export const isShared = ({ kind, path }: Thing): boolean =>
  kind === 'outside' && path !== undefined && /^[A-Z]\w*\.prototype$/.test(path);

/** Whether `thing` belongs to the language or Node.js: code that merely receives it does not change it. */
export function isBuiltin({ path }: Thing): boolean {
  return path !== undefined && !path.startsWith('module:') && !path.includes('()');
}

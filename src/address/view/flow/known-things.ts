/** Which things nobody changes, or not by chance. @module */

import type { Thing } from './value.ts';

const fixed: ReadonlySet<Thing['kind']> = new Set(['library', 'ours', 'wrapper']);

/** Whether nobody changes `thing`: it is the library's, or frozen. */
export const isFixed = (thing: Thing): boolean => thing.isFrozen || fixed.has(thing.kind);

/** Whether `thing` is where everything of its kind looks for its methods: `Array.prototype`. */
export const isShared = ({ kind, path }: Thing): boolean =>
  kind === 'outside' && path !== undefined && /^[A-Z]\w*\.prototype$/.test(path);

/** Whether `thing` is one of the language's or of Node.js itself, which nobody changes who is only given it. */
export function isBuiltin({ path }: Thing): boolean {
  return path !== undefined && !path.startsWith('module:') && !path.includes('()');
}

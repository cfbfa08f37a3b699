/** How the place of a value inside others is written: `args[0].user["a b"]`. @module */

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$_]*$/u;

type EntryKind = 'form' | 'item' | 'key' | 'value';

/** A step from a `Map` or `Set` to something in it, or from an instance to what its `[toThread]()` gave. */
export class EntryStep {
  readonly of: EntryKind;
  readonly key: unknown;

  constructor(of: EntryKind, key?: unknown) {
    this.of = of;
    this.key = key;
  }
}

/** A step from a value to a part of it. */
export type Step = string | number | EntryStep;

/** Whether `key` names an item of an array, not a field beside the items. */
export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return index !== 0xffff_ffff && String(index) === key;
}

/** The step from an array to what it has under `key`. */
export function stepOf(key: string): Step {
  return isIndex(key) ? Number(key) : key;
}

/** Writes the path that leads from `root` by `steps`. */
export function pathOf(root: string, steps: readonly Step[]): string {
  // Only arguments are several; of anything else the first step leads to the thing itself.
  const [path, rest] = root === 'args' ? [root, steps] : [root, steps.slice(1)];
  return path + rest.map(stepText).join('');
}

function stepText(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'string') return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  switch (step.of) {
    case 'form':
      return '[toThread]()';
    case 'item':
      return '.values()';
    case 'key':
      return '.keys()';
    case 'value':
      return `.get(${keyText(step.key)})`;
  }
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' && key !== null ? '…' : String(key);
}

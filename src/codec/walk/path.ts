/** Writes the path of a value inside others: `args[0].user["a b"]`. @module */

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$_]*$/u;

type EntryKind = 'form' | 'item' | 'key' | 'value';

/** A step from a `Map` or `Set` to an entry, or from an instance to the result of its `[toThread]()`. */
export class EntryStep {
  readonly of: EntryKind;
  readonly key: unknown;

  constructor(of: EntryKind, key?: unknown) {
    this.of = of;
    this.key = key;
  }
}

/** A step from a value to one of its parts. */
export type Step = string | number | EntryStep;

/** Whether `key` is an index of an array, not a field beside the items. */
export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return index !== 0xffff_ffff && String(index) === key;
}

/** The step from an array to its part at `key`. */
export function stepOf(key: string): Step {
  return isIndex(key) ? Number(key) : key;
}

/** The root of the arguments of a call of an object: the program's come after some of the library. */
export const memberArguments = 'the arguments of a member';

/** How many of the library's come first: what to do, with which member of which object. */
const ofLibrary = 4;

/** Writes the path that leads from `root` along `steps`. */
export function pathOf(root: string, steps: readonly Step[]): string {
  if (root === memberArguments) {
    const [first, ...rest] = steps;
    return pathOf('args', [typeof first === 'number' ? first - ofLibrary : '', ...rest]);
  }
  // Only arguments are a list; for any other root the first step leads to the value itself.
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

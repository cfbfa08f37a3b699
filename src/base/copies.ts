/** Which copies of the library are loaded in this thread, by their versions, and which of them it runs for. @module */

/** The version of this copy. */
export const version = '0.1.0';

/** One copy, or several of one version: these share their state. */
export interface Copy {
  readonly version: string;

  /** The URL of a file of the copy that was loaded first. */
  readonly url: string;

  /** Whether it has started this thread. */
  ownsThread: boolean;
}

const key = Symbol.for('offloop.copies@1');

/** The copies by their versions, in the order in which they were loaded. */
const copies = ((globalThis as { [key]?: Map<string, Copy> })[key] ??= new Map<string, Copy>());

const own: Copy = copies.get(version) ?? { version, url: import.meta.url, ownsThread: false };
copies.set(version, own);

/** Notes that this thread is one of this copy's. */
export function ownThread(): void {
  own.ownsThread = true;
}

/** The copy of another version that has started this thread, if one has. */
export function otherOwner(): Copy | undefined {
  return [...copies.values()].find((copy) => copy !== own && copy.ownsThread);
}

/** Says which copies of other versions there are; empty if there are none. */
export function othersInWords(): string {
  const others = [...copies.values()].filter((copy) => copy !== own);
  const words = others.map((copy) => `${copy.version} (${placeOf(copy)})`).join(', ');
  return words && `another copy of offloop is loaded here: ${words} beside ${version} (${placeOf(own)})`;
}

const placeOf = ({ url }: Copy): string => url.replace(/^file:\/\//, '').replace(/\/dist\/lib\/.*$/, '');

const classMark = Symbol.for('offloop.class@1');

/**
 * Lets `instanceof` of `type` know the instances of the same class of another copy, which `name` stands for. Classes that
 * extend it know their own instances only.
 */
export function knowOtherCopies(type: Function, name: string): void {
  Object.defineProperty(type.prototype, classMark, { value: name });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== type) return ordinary.call(this, value);
      if (typeof value !== 'object' || value === null) return false;
      for (let it = value as object | null; it; it = Object.getPrototypeOf(it) as object | null)
        if (Object.getOwnPropertyDescriptor(it, classMark)?.value === name) return true;
      return false;
    },
  });
}

// oxlint-disable-next-line typescript/unbound-method
const ordinary = Function.prototype[Symbol.hasInstance] as (this: unknown, value: unknown) => boolean;

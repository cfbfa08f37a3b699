/** Checks the names and values of options. @module */

import { inspect } from 'node:util';
import { argumentError } from './errors.ts';

/** Returns `undefined` if `value` is valid, else words for what was expected. */
export type Check = (value: unknown) => string | undefined;

const number =
  (words: string, holds: (value: number) => boolean): Check =>
  (value) =>
    typeof value === 'number' && holds(value) ? undefined : words;

/** Milliseconds above zero; `Infinity` for no limit. */
export const duration: Check = number('a number of milliseconds above 0', (value) => value > 0);

/** Milliseconds from zero; `Infinity` for no limit. */
export const timeLimit: Check = number('a number of milliseconds from 0', (value) => value >= 0);

interface CountLimits {
  /** Whether `Infinity` is a count, too. */
  readonly unbounded?: boolean;
  readonly most?: number;
}

/** A whole number from `least`; `Infinity` where `unbounded`. */
export const count = (least: number, { unbounded = false, most = Infinity }: CountLimits = {}): Check =>
  number(
    most === Infinity ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`,
    (value) => value >= least && value <= most && (Number.isSafeInteger(value) || (unbounded && value === Infinity)),
  );

export const anyNumber: Check = number('a number', (value) => !Number.isNaN(value));

export const kind =
  (...types: string[]): Check =>
  (value) =>
    types.includes(typeof value) ? undefined : `${types[0] === 'object' ? 'an' : 'a'} ${types.join(' or ')}`;

export const list: Check = (value) => (Array.isArray(value) ? undefined : 'an array');

export const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value) ? undefined : `one of ${values.map((item) => JSON.stringify(item)).join(', ')}`;

export const anything: Check = () => undefined;

/**
 * Checks `options` against `checks` and gives a copy of its own properties: a property that some code has put on
 * `Object.prototype` is not an option. `undefined` means the default and always passes.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option.
 */
export function ownOptions<T extends object>(
  of: string,
  options: T,
  checks: Readonly<Record<string, Check>>,
): Readonly<T> {
  if (typeof options !== 'object' || options === null) {
    throw argumentError(
      `Cannot use the options of ${of}: expected an object, received ${options === null ? 'null' : typeof options}`,
    );
  }
  const own = bare(options);
  const entries = Object.entries(own);
  if (entries.length === 0 && !isPlain(options))
    throw argumentError(`Cannot use the options of ${of}: ${wrong(options)}`);
  for (const [name, value] of entries) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) throw argumentError(`Cannot use the options of ${of}: there is no option "${name}"`);
    const words = value === undefined ? undefined : check(value);
    if (words)
      throw argumentError(`Cannot use the option ${name} of ${of}: expected ${words}, received ${show(value)}`);
  }
  return own;
}

/** Whether `options` is no instance of a class: a signal, a map or an array that is taken for options would have no effect. */
function isPlain(options: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(options);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function wrong(options: object): string {
  const kindOf = Object.prototype.toString.call(options);
  if (kindOf === '[object AbortSignal]') return 'received an AbortSignal, which is to be given as { signal }';
  return `expected a plain object, received ${kindOf}`;
}

/**
 * A copy of the own properties of `options` without a prototype, so that no inherited property is read as an option.
 */
export function bare<T extends object>(options: T): T {
  return Object.assign(Object.create(null) as T, options);
}

/** A value as messages show it. */
export function show(value: unknown): string {
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  return inspect(value);
}

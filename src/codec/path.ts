/** How the place of a value inside others is written: `args[0].user["a b"]`. @module */

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$_]*$/u;

/** The path of the field `key` of what stands at `path`. */
export function at(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return identifier.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** The path of a `Map`'s value. */
export function atKey(path: string, key: unknown): string {
  return `${path}.get(${typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '…' : String(key)})`;
}

/** What a value is, in a few words. */
export function kindOf(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'symbol') return `the ${value.toString()}`;
  if (typeof value !== 'object' || value === null) return typeof value;
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? `a ${constructor.name}` : 'an object';
}

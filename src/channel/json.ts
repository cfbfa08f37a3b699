/** Which values JSON keeps as they are. @module */

/**
 * Whether JSON gives back what `value` is, which the bounded look has found to be small and plain: no `undefined`, no
 * `bigint`, no number that JSON would change, and nothing but plain objects and arrays.
 */
export function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || areJson(value);
    default:
      return false;
  }
}

function areJson(value: object): boolean {
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item)) return false;
    return true;
  }
  for (const key in value) {
    // Somebody may have put more on `Object.prototype`.
    if (Object.hasOwn(value, key) && !isJson((value as Record<string, unknown>)[key])) return false;
  }
  // A `toJSON` of the object's own would be called; its `__proto__` would be set.
  return !('toJSON' in value) && !Object.hasOwn(value, '__proto__');
}

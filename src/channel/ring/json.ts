/** Tells which values survive JSON unchanged. @module */

/**
 * Whether `value` survives a round trip through JSON unchanged: it has no `undefined`, no `bigint` and no number that
 * JSON would change. The caller has checked with `codec/look` that `value` is small and consists of plain objects and
 * arrays.
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
    // The user's code may have put enumerable properties on `Object.prototype`.
    if (Object.hasOwn(value, key) && !isJson((value as Record<string, unknown>)[key])) return false;
  }
  // JSON.stringify would call a `toJSON`; a copy by assignment would set the prototype by an own `__proto__`.
  return !('toJSON' in value) && !Object.hasOwn(value, '__proto__');
}

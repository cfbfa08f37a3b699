// Turns any value into one that two instances of a library can be compared by.

/** What `value` is made of, as far as `depth` levels down. */
export function plain(value, depth = 6, above = []) {
  if (typeof value === 'function') return `function ${value.name} ${value.length}`;
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (value === undefined || Number.isNaN(value) || value === Infinity || value === -Infinity || Object.is(value, -0)) {
    return `<${Object.is(value, -0) ? '-0' : value}>`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '<cycle>';
  if (depth === 0) return '<deep>';
  const inner = (item) => plain(item, depth - 1, [...above, value]);
  if (value instanceof Error) return { error: value.name, message: value.message };
  if (value instanceof Date) return { date: Number(value) };
  if (value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value))
    return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
  if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: [...value].map(inner) };
  if (Array.isArray(value)) return value.slice(0, 100).map(inner);
  const entries = [];
  for (const key of Reflect.ownKeys(value).slice(0, 100)) {
    const { get, value: item } = Object.getOwnPropertyDescriptor(value, key);
    entries.push([String(key), get ? 'getter' : inner(item)]);
  }
  return { is: Object.getPrototypeOf(value)?.constructor?.name, ...Object.fromEntries(entries), text: textOf(value) };
}

function textOf(value) {
  if (value.toString === Object.prototype.toString) return undefined;
  try {
    return String(value).slice(0, 500);
  } catch (error) {
    return `throws ${error.message}`;
  }
}

// Makes the same inputs for the same function each time.

/** A generator of numbers from 0 to 1 that depends on `seed` alone. */
export function seeded(seed) {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ char.codePointAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const generic = [
  () => 0,
  () => 1,
  () => -2.5,
  () => 7,
  () => '',
  () => 'a',
  () => 'some text',
  () => true,
  () => null,
  () => undefined,
  () => [1, 2, 3],
  () => ['b', 'a'],
  () => [],
  () => ({ a: 1, b: { c: [2] } }),
  () => ({}),
  () => (x) => x,
  () => (a, b) => (a > b ? 1 : -1),
  () => new Date(86_400_000),
  () => new Map([['a', 1]]),
  () => new Set([1, 2]),
];

/** The arguments of call number `index` of function `key` of `library`; they are the caller's to change. */
export function inputsOf({ samples }, key, index) {
  const random = seeded(`${key}:${index}`);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const count = index === 0 ? 1 : Math.floor(random() * 4);
  return Array.from({ length: count }, (_, position) => {
    const isSample = random() < (position === 0 ? 0.8 : 0.5);
    return isSample ? copy(pick(samples)) : pick(generic)();
  });
}

function copy(value) {
  // A function gets properties from some libraries, and must not show them to the next.
  if (typeof value === 'function') return (...args) => value(...args);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}

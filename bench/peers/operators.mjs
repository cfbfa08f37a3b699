/** Chains of operators over an async generator, as one library has them. @module */

const increment = (n) => n + 1;
const isCounted = (n) => n >= 0;

async function* mapped(items, fn) {
  for await (const item of items) yield fn(item);
}

async function* filtered(items, fn) {
  for await (const item of items) if (fn(item)) yield item;
}

/** Operators in turns: a map, a filter, a map and so on. */
const chain = (source, length, { map, filter }) =>
  Array.from({ length }).reduce((items, _, i) => (i % 2 === 0 ? map(items) : filter(items)), source);

const ways = {
  generators: () => (items, length) =>
    chain(items, length, { map: (it) => mapped(it, increment), filter: (it) => filtered(it, isCounted) }),

  async offloop() {
    const { stream } = await import('offloop/streams');
    return (items, length) =>
      chain(stream(items), length, { map: (it) => it.map(increment), filter: (it) => it.filter(isCounted) });
  },

  async 'streaming-iterables'() {
    const { filter, map } = await import('streaming-iterables');
    return (items, length) =>
      chain(items, length, { map: (it) => map(increment, it), filter: (it) => filter(isCounted, it) });
  },

  async ix() {
    const { from } = await import('ix/asynciterable');
    const { filter, map } = await import('ix/asynciterable/operators');
    return (items, length) =>
      chain(from(items), length, {
        map: (it) => it.pipe(map(increment)),
        filter: (it) => it.pipe(filter(isCounted)),
      });
  },

  async rxjs() {
    const { filter, from, map } = await import('rxjs');
    return (items, length) => {
      const all = chain(from(items), length, {
        map: (it) => it.pipe(map(increment)),
        filter: (it) => it.pipe(filter(isCounted)),
      });
      return { forEach: async (take) => all.forEach(take) };
    };
  },

  async readable() {
    const { Readable } = await import('node:stream');
    return (items, length) =>
      chain(Readable.from(items), length, { map: (it) => it.map(increment), filter: (it) => it.filter(isCounted) });
  },
};

async function* counted(length) {
  for (let n = 0; n < length; n += 1) yield n;
}

export async function open({ library }) {
  const operate = await ways[library]();
  return {
    runsOnMain: true,

    /** Passes `count` numbers through `length` operators; gives the sum of what comes out. */
    async sum(count, length) {
      let sum = 0;
      const items = operate(counted(count), length);
      if (items.forEach && library === 'rxjs') await items.forEach((n) => void (sum += n));
      else for await (const n of items) sum += n;
      return sum;
    },
    close() {},
  };
}

/** The types of streams. Nothing here runs. @module */

import { threaded } from './api.ts';
import { agent, channel, eventsOf, merge, stream, threadEvents } from 'offloop/streams';
import type { Agent, KeyedStream, SettleItem, Stream, StreamEvent, ThreadItem } from 'offloop/streams';
import { same, typed } from './equal.ts';

interface Order {
  readonly customer: string;
  readonly total: number;
}

const parse = threaded((text: string): Order => JSON.parse(text) as Order);
const tax = threaded(async (order: Order) => ({ ...order, tax: order.total / 5 }));
const isLarge = threaded((order: Order) => order.total > 100);
const words = threaded(function* (order: Order) {
  yield* order.customer.split(' ');
});

// Ten operators, wrapped functions among them.
const chain = stream(['{}'])
  .map(parse)
  .filter(isLarge)
  .map(tax.with({ timeout: 100 }))
  .tap((order) => order.tax.toFixed())
  .flatMap(words)
  .map((word, index) => [word, index] as const)
  .filter(([, index]) => index > 0)
  .enumerate()
  .batch(10, { within: 100 })
  .map((batch) => batch.map(([n, [word]]) => `${n} ${word}`));
same<typeof chain, Stream<string[]>>();
typed<Promise<string[] | undefined>>()(chain.first());
typed<Promise<string[][]>>()(chain.toArray());

// What a source gives: promises are awaited, events give their values.
same<ReturnType<typeof stream<Promise<number>>>, Stream<number>>();
typed<Stream<number>>()(stream(new Set([1])));
typed<Stream<string>>()(stream('text'));
typed<Stream<Order, string>>()(stream(eventsOf([] as Order[], { key: ({ customer }) => customer })));
typed<Stream<[key: string | undefined, value: Order], string>>()(
  stream(eventsOf([] as Order[], { key: ({ customer }) => customer })).items(),
);
typed<Stream<StreamEvent<number>>>()(stream(channel<number>()).events());
typed<Stream<StreamEvent<number>[]>>()(stream(channel<number>()).batchEvents(2));
typed<Stream<number | string>>()(merge([1], ['a']));
typed<Stream<number | string>>()(stream([1]).combine(channel<string>()));

// Processors give the items.
typed<Stream<number>>()(stream(['1'], { processors: [(text: string) => text.trim(), async (text: string) => +text] }));
typed<Stream<Order>>()(stream(['{}'], { processors: [parse], maxSize: 2 }));
typed<Stream<string>>()(stream(['1'], { processors: [] }));

// Guards narrow.
typed<Stream<string>>()(stream([1, 'a']).filter((it): it is string => typeof it === 'string'));
typed<Promise<string | undefined>>()(stream([1, 'a']).find((it): it is string => typeof it === 'string'));

// States.
typed<Stream<number>>()(stream([1]).scan((sum, n) => sum + n));
typed<Stream<string>>()(stream([1]).scan((text, n) => `${text}${n}`, ''));
typed<Promise<string>>()(stream([1]).reduce(async (text, n) => `${text}${n}`, ''));
typed<Promise<boolean>>()(stream([1]).some(async (n) => n > 1));

// Keys.
const orders = stream([] as Order[]);
typed<KeyedStream<Order, string>>()(orders.groupBy('customer'));
typed<KeyedStream<number, number>>()(orders.groupBy(async ({ total }) => total).map(({ total }) => total));
typed<Stream<Order[], string>>()(orders.groupBy('customer').batch(2));
typed<Stream<[key: string, value: Order], string>>()(orders.groupBy('customer').items());
// @ts-expect-error: no such property
orders.groupBy('nobody');
// @ts-expect-error: a key is a text, a number or the like
orders.groupBy((order) => order);
// @ts-expect-error: of a key, one item is worked on at a time
orders.groupBy('customer').map(String, { concurrency: 2 });

// Functions have to fit.
// @ts-expect-error: items of another type
stream([1]).map(parse);
// @ts-expect-error: the second argument is the number of the item
stream(['a']).map((text: string, options?: { deep: boolean }) => [text, options]);
// @ts-expect-error: there is no such option
stream([1]).map(String, { parallel: 2 });
// @ts-expect-error: not iterable
stream(1);
// @ts-expect-error: a flatMap gives iterables
stream([1]).flatMap((n) => n);

// Agents.
typed<Agent<number, string>>()(
  agent([1], async function* (numbers) {
    for await (const n of numbers) yield n.toFixed();
  }),
);
typed<Agent<string, Order>>()(agent(channel<string>(), parse));
typed<Promise<Order | undefined>>()(agent(channel<string>(), parse.with({ timeout: 1 })).ask('{}'));
typed<Agent<number, string>>()(
  agent(undefined, async function* (numbers: Stream<number>) {
    for await (const n of numbers) yield n.toFixed();
  }),
);
typed<Agent<string, Order>>()(agent(undefined, parse));
const count = threaded(function* (texts: AsyncIterable<string>) {
  let n = 0;
  for (const _ of [texts]) yield (n += 1);
});
typed<Agent<string, number>>()(agent(['a'], count, { sinks: [(n) => n.toFixed()] }));
const byHand = threaded(function* (items: AsyncIterable<ThreadItem>, settle: SettleItem) {
  for (const event of threadEvents<string>(items, settle)) yield event.value;
});
agent(['a'], byHand, { ack: 'manual' });
// @ts-expect-error: a sink of other results
agent([1], async function* (numbers) { yield* numbers; }, { sinks: [(text: string) => text] }); // prettier-ignore

export { byHand };

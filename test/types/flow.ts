/** The types of flows. Nothing here runs. @module */

import { threaded } from './api.ts';
import { codec, decoding, flow, handle, jsonCodec, keyed, keySink, relay, run, takesKey, timer } from 'offloop/flow';
import type { Codec, FlowSink, ItemInfo, Keyed, Register, Relay } from 'offloop/flow';
import type { Cache } from 'offloop/cache';
import { channel, eventsOf, stream } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { topic } from 'offloop/topics';
import { same, typed } from './equal.ts';

interface Order {
  readonly customer: string;
  readonly total: number;
}

const parse = threaded((text: string): Order => JSON.parse(text) as Order);
declare const orders: Order[];

// A handler is given what its source has: of events the values, of promises what they resolve with.
same<ReturnType<typeof handle<Order[]>>, Register<Order>>();
handle(['{}'])(parse);
handle(orders)(({ total }) => total.toFixed());
handle(eventsOf(orders, { key: ({ customer }) => customer }))(({ total }, { key, headers, signal }) => {
  typed<unknown>()(key);
  return [total.toFixed(), headers['h'], signal?.aborted];
});
handle([Promise.resolve(1)])((n) => n.toFixed());
handle(timer(1000))((n) => n.toFixed());
handle(stream(orders).map(({ total }) => total))((total) => total.toFixed());
handle(orders)(() => undefined);
handle(orders)(function* ({ total }) {
  yield total;
});

// It stays what it is.
same<ReturnType<Register<string>>, (value: string, info: ItemInfo<never>) => unknown>();
typed<typeof parse>()(handle(['{}'])(parse));
handle(orders)((order, { context }: ItemInfo<{ env: string }>) => [order.total, context.env.length]);

// Pipes.
async function* pairwise<T>(all: AsyncIterable<T>): AsyncGenerator<[T, T]> {
  for await (const item of all) yield [item, item];
}
async function* counted(all: AsyncIterable<Order>): AsyncGenerator<number> {
  for await (const { total } of all) yield total;
}
handle(orders, { pipe: [(all) => all.map(({ total }) => total)] })((total) => total.toFixed());
handle(orders, { pipe: [(all) => all.batch(2)] })((batch) => batch.map(({ total }) => total));
handle(orders, { pipe: [counted] })((total) => total.toFixed());
handle(orders, { pipe: [pairwise] })(([{ total }]) => total.toFixed());
handle(orders, { pipe: [counted, pairwise] })(([one, other]) => one + other);
handle(orders, { pipe: [(all) => all.batch(2), (all) => all.map((batch) => batch.length)] })((n) => n.toFixed());
handle<number>(orders, { pipe: [counted, pairwise, (all: AsyncIterable<[number, number]>) => [all].map(() => 1)] })(
  (n) => n.toFixed(),
);
handle([new Uint8Array()], { pipe: [decoding(jsonCodec<Order>())] })(({ total }) => total.toFixed());
const decode = decoding(jsonCodec<Order>());
same<ReturnType<typeof decode>, Stream<Order>>();

// @ts-expect-error a handler of texts is not one of orders
handle(orders)((text: string) => text);
// @ts-expect-error 5 is not iterable
handle(5, {})(() => undefined);
// @ts-expect-error a pipe of texts is not one of orders
handle(orders, { pipe: [(all: AsyncIterable<string>) => all] });

// Sinks.
const save = keySink((key: string, value: number) => [key, value]);
same<(typeof save)[typeof takesKey], true>();
handle(orders, { sinks: [save, console.log, relay<Order>(), parse] })(({ customer, total }) => keyed(customer, total));
typed<Keyed<string, number>>()(keyed('a', 1));
declare const store: Cache<Order>;
const sinks: FlowSink[] = ['orders', topic<Order>('orders', {}), channel<Order>(), save, parse, console.log, store];
handle(orders, { sinks })((order) => order);
// @ts-expect-error a stream of Node.js is no sink
handle(orders, { sinks: [process.stdout] });
typed<Relay<Order>>()(relay<Order>({ maxSize: 1 }));

// Codecs.
typed<Codec<Order>>()(codec({ encode: (order: Order) => new Uint8Array(order.total), decode: () => ({}) as Order }));
typed<Codec<Order>>()(
  codec<Order>({
    encode: async () => new Uint8Array(),
    decode: threaded((bytes: Uint8Array) => ({ length: bytes.length }) as never),
  }),
);

typed<Promise<NodeJS.Signals | undefined>>()(run({ signal: AbortSignal.abort(), context: 1, signals: ['SIGHUP'] }));
typed<() => void>()(flow().drain);
typed<() => void>()(flow().onExit(() => 1, { timeout: 5 }));

/**
 * The contestants: a name, the module in `peers/` that opens it, its options, and the package that it needs. @module
 */

import { isInstalled, versionOf } from './packages.mjs';

/** How many threads each contestant has, unless the row says another number. */
export const threads = 2;

/** The contestant to which the others are compared. */
export const own = 'offloop';

/** Whether `name` is that of offloop, in any configuration. */
export const isOwn = (name) => name === own || name.startsWith(`${own}, `);

export const bare = 'bare worker_threads';
export const piscina = 'piscina';
export const transferred = 'transferred ReadableStream';
export const proxied = 'comlink, proxied generator';
export const posted = 'postMessage per item';
export const batched = 'postMessage, batches of 64';
export const inline = 'async generator on main';
export const importing = 'import of offloop, then a bare Worker';
export const onMain = 'the same on main';
export const inModule = 'functions in a module';
export const structured = 'v8.serialize';
export const generators = 'async generators';
export const iterables = 'streaming-iterables';
export const ix = 'ix';
export const pushing = 'rxjs';
export const readable = "Node's Readable";
export const inChannel = 'a channel of streams';
export const bareNats = 'bare @nats-io/jetstream';
export const bareRequests = 'bare @nats-io/transport-node';
export const bareQueue = 'bare @nats-io/jetstream and a thread';
export const idealTime = 'the next call at once';
export const oneNode = 'one node';
export const bareKafka = 'bare kafkajs';
export const storingBare = 'bare lmdb';
export const groupedOnMain = 'groupBy with a plain function';
export const loops = 'for await, by hand';
export const loopsOnMain = 'for await on main, by hand';
export const callsByHand = 'calls of the pool, by hand';
export const bareLoop = 'a loop over fetch';
export const watched = 'httpEvents on main';
export const fileRead = 'fs.createReadStream';
export const bareSocket = 'bare ws';
export const bareComlink = 'bare comlink';

/**
 * Each contestant starts all of its threads at once: Piscina's "Performance Notes" (`README.md` of the package) say
 * that starting and stopping threads costs most. A package takes part with its defaults, and also with the options that
 * its own pages name for more throughput:
 *
 * - Piscina, "Class: Piscina" (`docs/docs/api-reference/class.md`): "`concurrentTasksPerWorker`: Specifies how many
 *   tasks can share a single worker thread simultaneously"; "`atomics`: Use the Atomics API for faster communication
 *   between threads", `'sync'` unless set. "Built-In Queues" of `README.md` has `FixedQueue`, which it takes unless
 *   told otherwise.
 * - Tinypool, "API" of its `README.md`: "read Piscina's detailed documentation and apply the same techniques here".
 * - Poolifier, "Pool options" of `docs/api.md` in its repository: "`enableTasksQueue`: Tasks queue per worker
 *   enablement", off unless set; "`concurrency`: The maximum number of tasks that can be executed concurrently on a
 *   worker", 1 unless set.
 * - workerpool, "pool" of its `README.md`, and Comlink have no option for it.
 */
export const contestants = [
  { name: bare, peer: 'bare' },
  { name: piscina, peer: 'piscina', needs: 'piscina' },
  { name: 'piscina, atomics async', peer: 'piscina', needs: 'piscina', options: { atomics: 'async' } },
  { name: 'piscina, atomics disabled', peer: 'piscina', needs: 'piscina', options: { atomics: 'disabled' } },
  {
    name: 'piscina, 64 tasks per worker',
    peer: 'piscina',
    needs: 'piscina',
    options: { atomics: 'sync', concurrentTasksPerWorker: 64 },
  },
  { name: 'tinypool', peer: 'tinypool', needs: 'tinypool' },
  {
    name: 'tinypool, 64 tasks per worker',
    peer: 'tinypool',
    needs: 'tinypool',
    options: { concurrentTasksPerWorker: 64 },
  },
  { name: 'workerpool', peer: 'workerpool', needs: 'workerpool' },
  { name: 'poolifier', peer: 'poolifier', needs: 'poolifier' },
  {
    name: 'poolifier, tasks queue of 64 at once',
    peer: 'poolifier',
    needs: 'poolifier',
    options: { enableTasksQueue: true, tasksQueueOptions: { concurrency: 64 } },
  },
  { name: 'comlink', peer: 'comlink', needs: 'comlink' },
  { name: own, peer: 'offloop' },
];

/** The contestants with default options, for rows in which the options matter little. */
export const asTheyCome = contestants.filter(({ options }) => options === undefined);

/**
 * The contestants for rows with one outstanding call at a time: options for several tasks a thread make no difference.
 */
export const oneByOne = contestants.filter(({ name }) => !name.includes('64'));

/**
 * The contestants for the rows of streams. Only Comlink and offloop have an iterator, so the others are written by
 * hand. A `note` marks those whose peer does not say `showsAtOnce`: an item may not arrive before its generator goes
 * on.
 */
export const streamers = [
  { name: transferred, peer: 'readable', note: 'items wait while their generator blocks' },
  { name: proxied, peer: 'comlink', needs: 'comlink' },
  { name: posted, peer: 'posted' },
  { name: batched, peer: 'posted', batch: 64, note: 'items wait for their batch' },
  { name: own, peer: 'offloop' },
];

/**
 * The contestants that give each call a thread of its own: `isolateWorkers` is one of the "Pool constructor options" in
 * Tinypool's `README.md`, "Always starts with a fresh worker when running tasks to isolate the environment".
 */
export const isolating = [
  { name: 'new Worker for each call', peer: 'new-worker' },
  {
    name: 'tinypool, isolateWorkers',
    peer: 'tinypool',
    needs: 'tinypool',
    options: { isolateWorkers: true },
  },
  { name: `${own}, maxTasksPerThread 1`, peer: 'offloop', options: { maxTasksPerThread: 1 } },
  { name: own, peer: 'offloop' },
];

/** Programs with their functions in a module, and in their own file. */
export const byFile = [
  { name: inModule, peer: 'program', program: 'in-module' },
  { name: own, peer: 'program', program: 'in-own-file' },
];

/** Serializers, which run in the main thread. */
export const formats = [
  { name: structured, peer: 'format', format: 'v8', isOnMain: true },
  { name: 'JSON', peer: 'format', format: 'json', isOnMain: true },
  { name: own, peer: 'format', format: 'own', isOnMain: true },
];

/** Operators over an async generator, in one thread; a `note` is for what does not wait for its consumer. */
export const operating = [
  { name: iterables, peer: 'operators', library: 'streaming-iterables', needs: 'streaming-iterables', isOnMain: true },
  { name: ix, peer: 'operators', library: 'ix', needs: 'ix', isOnMain: true },
  { name: pushing, peer: 'operators', library: 'rxjs', needs: 'rxjs', note: 'no back-pressure', isOnMain: true },
  { name: readable, peer: 'operators', library: 'readable', isOnMain: true },
  { name: own, peer: 'operators', library: 'offloop', isOnMain: true },
];

/** A grouped stream whose function is wrapped. */
export const grouping = [{ name: own, peer: 'grouped', where: 'threads' }];

/** Flows, whose handlers run on main or in threads. */
export const flowing = [{ name: own, peer: 'flow', way: 'flow', isOnMain: true }];
export const flowingInThreads = [
  { name: callsByHand, peer: 'flow', way: 'calls', isHeavy: true },
  { name: own, peer: 'flow', way: 'flow', isHeavy: true },
];
/** Messages through a broker: in memory beside a channel, and over a server of this machine beside its bare client. */
export const messaging = {
  memory: [{ name: own, peer: 'topics', way: 'memory', isOnMain: true }],
  nats: [{ name: own, peer: 'topics', way: 'nats', needs: '@nats-io/jetstream', isOnMain: true }],
  kafka: [{ name: own, peer: 'topics', way: 'kafka', needs: 'kafkajs', isOnMain: true }],
};
/** Calls on nodes. */
export const nodesOfFleet = {
  series: [
    { name: bareQueue, peer: 'fleet', way: 'queue', needs: '@nats-io/jetstream' },
    { name: own, peer: 'fleet', way: 'fleet', needs: '@nats-io/jetstream', isOnMain: true },
  ],
  calls: [{ name: own, peer: 'fleet', way: 'fleet', needs: '@nats-io/jetstream', isOnMain: true }],
  spread: [{ name: own, peer: 'fleet', way: 'fleet', nodes: [2, 2, 2], needs: '@nats-io/jetstream', isOnMain: true }],
  two: [{ name: own, peer: 'fleet', way: 'fleet', nodes: [1, 1], needs: '@nats-io/jetstream', isOnMain: true }],
};
/** Stores that threads read and write. */
export const storing = [
  { name: 'lmdb, structured clone', peer: 'stored', kind: 'structured', needs: 'lmdb' },
  { name: own, peer: 'stored', kind: 'own', needs: 'lmdb' },
];

/** Sources on main. */
export const reading = [{ name: own, peer: 'events', reader: 'offloop', needs: 'eventsource-parser', isOnMain: true }];

/** A source in a thread of its own. */
export const watching = [{ name: own, peer: 'events', reader: 'thread' }];

/** Readers of a file in this thread, beside the baseline. */
export const fileReaders = [{ name: own, peer: 'files', way: 'offloop', isOnMain: true }];

/** Readers of a file that a thread has open. */
export const fileStreamers = [
  { name: transferred, peer: 'files', way: 'transferred' },
  { name: own, peer: 'files', way: 'offloop' },
];

/** Connections over a WebSocket. */
export const overSockets = [
  { name: bareSocket, peer: 'link', way: 'bare ws', needs: 'ws' },
  { name: own, peer: 'link', way: 'offloop over ws', needs: 'ws' },
];

/** The same for calls: the bare one knows one call at a time, and has no errors. */
export const callsOverSockets = [
  ...overSockets.slice(0, 1),
  { name: 'ws with ids and errors', peer: 'link', way: 'careful ws', needs: 'ws' },
  ...overSockets.slice(1),
];

/** Connections over a port. */
export const overPorts = [
  { name: bareComlink, peer: 'link', way: 'bare comlink', needs: 'comlink' },
  { name: own, peer: 'link', way: 'offloop over a port' },
];

/** Baselines, each only for the rows that name it. */
export const baselines = [
  { name: 'idle loop, no threads', peer: 'idle', threads: 0 },
  { name: 'idle Workers', peer: 'idle' },
  { name: inline, peer: 'inline' },
  { name: onMain, peer: 'on-main' },
  { name: generators, peer: 'operators', library: 'generators' },
  { name: groupedOnMain, peer: 'grouped', where: 'main' },
  { name: loops, peer: 'flow', way: 'loops' },
  { name: loopsOnMain, peer: 'flow', way: 'loops', isHeavy: true },
  { name: storingBare, peer: 'stored', kind: 'bare', needs: 'lmdb' },
  { name: fileRead, peer: 'files', way: 'fs' },
  { name: importing, peer: 'importing' },
  { name: inChannel, peer: 'topics', way: 'channel' },
  { name: bareNats, peer: 'topics', way: 'bare nats', needs: '@nats-io/jetstream' },
  { name: bareRequests, peer: 'fleet', way: 'bare', needs: '@nats-io/jetstream' },
  { name: idealTime, peer: 'fleet', way: 'ideal', threads: 6 },
  { name: oneNode, peer: 'fleet', way: 'fleet', nodes: [1], needs: '@nats-io/jetstream' },
  { name: bareKafka, peer: 'topics', way: 'bare kafka', needs: 'kafkajs' },
  { name: bareLoop, peer: 'events', reader: 'fetch' },
  { name: watched, peer: 'events', reader: 'offloop' },
];

/** The contestants of `row`: its baseline first. */
export function takingPart(row) {
  return [...baselines.filter(({ name }) => name === row.baseline), ...(row.contestants ?? contestants)];
}

/** Whether the package that a contestant needs is installed. */
export function isPresent({ needs }) {
  return needs === undefined || isInstalled(needs);
}

/**
 * The packages that the contestants of `rows` need, with their versions; `undefined` for those that are not installed.
 */
export function packagesOf(rows) {
  const names = new Set(rows.flatMap(takingPart).flatMap(({ needs }) => needs ?? []));
  return Object.fromEntries([...names].map((name) => [name, versionOf(name)]));
}

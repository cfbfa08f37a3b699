/** What does not work under Bun and Deno, and the tests that show it. `docs/bun-and-deno.md` tells of it. @module */

import type { Area } from './areas.ts';
import type { Runtime } from './runtime.ts';

/** A known difference. */
export interface Difference {
  readonly on: readonly Runtime[];
  readonly area: Area;

  /** What does not work there, and why; a sentence for users. */
  readonly what: string;

  /** Whose it is: a fault or a gap of the runtime, a thing that is of Node.js alone, or what the test itself needs. */
  readonly due: 'the runtime' | 'Node.js alone' | 'the test';

  /** Folders of `test/` with `/` at their end, files, or tests as `file > title > title`; `*` ends the beginning of a name. */
  readonly tests: readonly string[];

  /** `false`: the files cannot be loaded there, or have nothing that runs there. */
  readonly isLoaded?: false;

  /** `false`: the tests fail only at times. */
  readonly isSteady?: false;
}

export const differences: readonly Difference[] = [
  {
    on: ['bun', 'deno'],
    area: 'Where functions live',
    what: "Functions of the program's own file are refused with `ERR_OFFLOOP_REENTRY`, since a thread can load only the whole of it: move them to a module of their own.",
    due: 'Node.js alone',
    tests: [
      'streams/off-loop.test.ts > a wrapped function > may be of any kind*',
      'flow/processes.test.ts > a program with a flow > may have its wrapped handlers in the file that runs it',
      'channel/sources.test.ts > a file that fails > ends nothing if the call was refused: that no thread finds*',
      'channel/sources.test.ts > a web stream that fails > ends nothing if the call was refused: that no thread finds*',
      'address/trap.test.ts',
      'address/trap-programs.test.ts',
      'address/load/make-view-ahead.test.ts',
      'address/entries.test.ts',
      'address/entry/entry.test.ts',
      'address/load-guard.test.ts',
      'address/required-library.test.ts',
      'address/load/load.test.ts > a worker view',
      'address/load/load.test.ts > TypeScript',
      'address/load/load.test.ts > loadModule > evaluates a later generation of program.mjs anew',
      'address/view.test.ts > exports',
      'sync/ends.test.ts > a program whose main side has nothing left to do',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Where functions live',
    what: 'Functions of one text that one place makes, as in a factory, are refused with `ERR_OFFLOOP_CAPTURE` unless each has a `name`: nothing tells which variables each of them uses.',
    due: 'Node.js alone',
    tests: [
      'address/find/find.test.ts > one of several functions of the same name, signature and text',
      'address/scopes/twins.test.ts',
      'address/scopes/captures.test.ts',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Where functions live',
    what: 'Modules of the development servers of webpack and Turbopack are not found.',
    due: 'Node.js alone',
    tests: ['address/hot.test.ts', 'address/hot-webpack.test.ts > runs the text that the program has, whatever*'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Values and errors',
    what: 'An error of a class that its module does not export arrives as the nearest built-in class, with its name, message and properties.',
    due: 'Node.js alone',
    tests: [
      'codec/thrown-errors.test.ts > an error > of a class that its module does not export keeps it, too',
      'call/lent.test.ts > an error as an argument',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Values and errors',
    what: "In a test of vitest, an error of the test's own modules arrives as the nearest built-in class, as threads have other copies of them.",
    due: 'the runtime',
    tests: [
      'fleet/calls.test.ts > a call on a node > rejects with what the function throws*',
      'fleet/calls.test.ts > a call on a node > calls functions among its arguments, in order',
      'fleet/calls.test.ts > an iterator over a generator on a node > gives items of any kind*',
      'fleet/calls.test.ts > an iterator over a generator on a node > gives the items before an error, then the error',
      'codec/thrown-errors.test.ts > an error > of an exported class keeps class, code, properties and cause',
      'codec/thrown-errors.test.ts > an error > keeps of its properties what can cross',
      'codec/thrown-errors.test.ts > an error > that is returned is returned',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Values and errors',
    what: 'Stacks of errors of the library have frames of the library and of the runtime.',
    due: 'the runtime',
    tests: [
      'codec/thrown-errors.test.ts > an error > of the library shows where the call was made, and nothing of its own*',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Values and errors',
    what: 'The message of an abort without a reason is that of the runtime.',
    due: 'the test',
    tests: [
      'codec/foreign-signals.test.ts > a signal of another make > is a live AbortSignal in the thread that it is passed to',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Values and errors',
    what: 'The option `resourceLimits` gives the stack of a thread no other size.',
    due: 'the runtime',
    tests: ['codec/take-all.test.ts > those before and after it are received in order, and it is told of once'],
  },
  {
    on: ['deno'],
    area: 'Values and errors',
    what: 'Deep data is slow to cross.',
    due: 'the runtime',
    tests: [
      'codec/property.test.ts > the walk keeps identity and cycles in any data',
      'codec/bytes/bytes.test.ts > values as bytes > keep identity and cycles',
    ],
    isSteady: false,
  },
  {
    on: ['bun'],
    area: 'Values and errors',
    what: 'An error has fields `line`, `column` and `sourceURL` of its own, and its `stack` after its `message`; a `DOMException` has no `stack`.',
    due: 'the runtime',
    tests: [
      'codec/errors.test.ts > an error > of a known class arrives*',
      'codec/errors.test.ts > an error > of Node.js itself is of its built-in class, with its code',
      "codec/errors.test.ts > an error of a user's class > is of that class where it can be found",
      'codec/property.test.ts > the walk',
      'codec/property.test.ts > the walk loses nothing of any data',
      'codec/property.test.ts > the walk keeps identity and cycles in any data',
      'codec/property.test.ts > the way that the look chooses loses nothing of what is within its bound',
      'codec/bytes/bytes.test.ts > values as bytes > lose nothing of any data',
      'codec/bytes/bytes.test.ts > values as bytes > keep identity and cycles',
    ],
  },
  {
    on: ['bun'],
    area: 'Values and errors',
    what: 'A stack does not show the async functions that await a call, nor both sides of it.',
    due: 'the runtime',
    tests: [
      'codec/thrown-errors.test.ts > an error > of an async function has at most two frames*',
      'codec/thrown-errors.test.ts > an error > of a thread of its own has at most two frames*',
      'codec/thrown-errors.test.ts > an error > of an iterator has at most two frames*',
      'codec/thrown-errors.test.ts > an error > of an iterator with a thread of its own has at most two frames*',
      'codec/thrown.test.ts > beyond the first 64 calls of a turn, whose stacks are kept',
      'codec/thrown-errors.test.ts > an error > has both stacks: where it was thrown, and where the call was made',
    ],
  },
  {
    on: ['bun'],
    area: 'Values and errors',
    what: 'A `File` in a result or an argument has a charset in its type, and comes back from a thread as a `Blob`.',
    due: 'the runtime',
    tests: ['codec/walk/files.test.ts > a File'],
  },
  {
    on: ['bun'],
    area: 'Values and errors',
    what: 'Structured clone of a histogram, of a transferred stream and of an array with an index of billions fails or does not end.',
    due: 'the runtime',
    tests: [
      'codec/walk/pack.test.ts > a value that structured clone keeps > arrives as what it is: a histogram',
      'codec/walk/pack.test.ts > a value that moves',
      'codec/memory/move.test.ts > move > marks what moves of a Buffer out of the pool',
      'codec/errors/salvage.test.ts > a property of an error > keeps gaps, and fields beside the items',
      'codec/fields.test.ts > fields beside other content > are dropped, as structured clone does*',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Waits in threads',
    what: 'While the main module awaits at its top level, waits that nobody can end are not noticed: the program waits on. Give such waits a `timeout`.',
    due: 'the runtime',
    tests: ['bridge/ends.test.ts > a program whose main side has nothing left to do'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Calls and threads',
    what: 'Each message is made an event, as nothing else takes it from a port.',
    due: 'the runtime',
    tests: [
      'call/lane/pair.test.ts > a lane without a thread > sends a short call at once, those that follow it once the microtasks have run that are due, and longer ones before',
      'wire/listen.test.ts',
    ],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'Messages and functions of a call are not counted, as the tests do so by what only Node.js has.',
    due: 'the test',
    tests: ['call/traffic.test.ts', 'call/way.test.ts'],
  },
  {
    on: ['bun'],
    area: 'Calls and threads',
    what: 'A write to a copy that is read-only throws with the message of JavaScriptCore.',
    due: 'the test',
    tests: ['wrappers/methods.test.ts > methods lowered by*'],
    isSteady: false,
  },
  {
    on: ['bun'],
    area: 'Calls and threads',
    what: 'The error of a module that does not exist arrives without its `code`, which Bun does not keep on the error itself.',
    due: 'the runtime',
    tests: ['wrappers/offload.test.ts > an offloaded module > that does not exist rejects each call'],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'The ES modules and the CommonJS build are not loaded beside each other: `require` gives the ES modules, without the flag of Node.js for that.',
    due: 'the test',
    tests: ['base/copies.test.ts > the ES modules and the CommonJS build'],
  },
  {
    on: ['bun'],
    area: 'Context',
    what: 'What code puts on `executionAsyncResource()` is seen by all that runs later, as that is one object.',
    due: 'the runtime',
    tests: ['context/entered-stores.test.ts > nor what a call puts on its async resource'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Events, locks, channels',
    what: 'Memory is not measured where the address space is limited.',
    due: 'the test',
    tests: [
      'sync/memory.test.ts > the memory of a channel > leaves addresses for a thousand others where they are limited',
    ],
  },
  {
    on: ['bun'],
    area: 'Events, locks, channels',
    what: 'The message of an error of structured clone is that of JavaScriptCore.',
    due: 'the test',
    tests: ['sync/crossing.test.ts > a primitive of the class*'],
  },
  {
    on: ['bun'],
    area: 'Where functions live',
    what: 'In a test of vitest, a function with a text that Bun prints in another way than vitest is not found.',
    due: 'the test',
    tests: [
      'pool/map.test.ts',
      'pool/map-ends.test.ts > map that is ended > by the end of the items leaves nothing at its signal',
      'objects/bytes/threads.test.ts > a streamer > is known in threads that have imported nothing of byte streams',
      'objects/object.test.ts > an object in a thread > passes errors on with their class, code and cause',
      'channel/protocol.test.ts > an iterable in a thread*',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Objects',
    what: "An object of the program's own file is refused, as its functions are.",
    due: 'Node.js alone',
    tests: [
      'objects/life.test.ts > a program with an object > ends by itself, also in its own file, without a release',
    ],
  },
  {
    on: ['bun'],
    area: 'Objects',
    what: 'Ports that are left open are not counted, as the tests do so by what only V8 has.',
    due: 'the test',
    tests: ['objects/links/release.test.ts > a link over a port leaves no port'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Objects',
    what: 'Ports that a flood of calls leaves are not counted: Bun lacks what counts them, and in Deno that takes minutes.',
    due: 'the test',
    tests: ['objects/links/comlink.test.ts > an attack on a link > floods'],
  },
  {
    on: ['deno'],
    area: 'Objects',
    what: "In a test of vitest, an error of the test's own modules was once passed on by an object as a built-in class.",
    due: 'the runtime',
    tests: ['objects/object.test.ts > an object in a thread > passes errors on with their class, code and cause'],
    isSteady: false,
  },
  {
    on: ['deno'],
    area: 'Objects',
    what: 'The error that ends a thread arrives without its stack.',
    due: 'the runtime',
    tests: [
      'objects/life.test.ts > a supervised object > is reported if an error ends its thread that no call has thrown*',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Calls and threads',
    what: 'The inspector does not show threads.',
    due: 'the runtime',
    tests: ['threads/names.test.ts > a debugger sees threads*'],
  },
  {
    on: ['bun'],
    area: 'Calls and threads',
    what: 'The limits of memory in `resourceLimits` and wrong flags in `execArgv` are ignored: no thread ends for lack of memory, nor fails to start.',
    due: 'the runtime',
    tests: [
      'exit.test.ts > a process > whose threads cannot start, after its calls ends by itself, with exit code 0',
      'pool/crash.test.ts > a thread that ends > at once for lack of memory rejects the call',
      'pool/crash.test.ts > a thread that ends > later, with a listener for what nobody catches, for lack of memory rejects the call',
      'pool/pool.test.ts > a thread that cannot start > rejects the calls with why, and the pool works once it can',
      'pool/pool.test.ts > a thread that cannot start > because of its flags rejects every call, and the pool still closes',
    ],
  },
  {
    on: ['bun'],
    area: 'Calls and threads',
    what: 'What was put on `Object.prototype` while a thread starts is among its environment variables.',
    due: 'the runtime',
    tests: ['wrappers/polluted.test.ts > what was put on Object.prototype acts as an option of nothing'],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'The first calls of a thread take longer than the time-out of the test.',
    due: 'the test',
    tests: ['wrappers/options.test.ts > timeout > counts neither the start of a thread nor waiting'],
    isSteady: false,
  },
  {
    on: ['bun'],
    area: 'Streams',
    what: 'Calls of microseconds in a stream share fewer messages.',
    due: 'the runtime',
    tests: [
      'streams/off-loop.test.ts > a wrapped function > of microseconds shares messages, with items of an async generator',
    ],
  },
  {
    on: ['bun', 'deno'],
    area: 'Network streams',
    what: 'The message of a `fetch` that fails is that of the runtime.',
    due: 'the test',
    tests: [
      'sse/pipe.test.ts > pipeSse > by a broadcast whose source has failed answers*',
      'sse/pipe.test.ts > pipeSse > rejects with the error of the source, and cuts the connection',
    ],
  },
  {
    on: ['bun'],
    area: 'Metrics and the monitor',
    what: 'The message of a `fetch` that finds no server is that of Bun.',
    due: 'the test',
    tests: ['monitor/monitor.test.ts > a server > of its own serves this machine*'],
  },
  {
    on: ['deno'],
    area: 'Other machines',
    what: 'A child process that was sent a signal counts as ended by that signal, also where it has ended with a code.',
    due: 'the test',
    tests: [
      'flow/processes.test.ts > a program with a flow > drains at SIGINT, which may come twice at once, and ends by itself',
      'flow/processes.test.ts > a program with a flow > drains at SIGTERM, which may come twice at once, and ends by itself',
      'fleet/serve.test.ts > a node that is told to end > answers the calls that it has, takes no more, and exits with 0',
      'flow/processes.test.ts > a program with a flow > is ended at once by the second signal',
      'flow/processes.test.ts > a program with a flow > hears a signal while a source always has items',
    ],
  },
  {
    on: ['deno'],
    area: 'Other machines',
    what: 'A package does not find itself by its own name where the program was started in a folder outside of it.',
    due: 'the test',
    tests: ['fleet/calls.test.ts > a program with a fleet > ends by itself once its calls are over'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Other machines',
    what: "A function of the program's own file cannot be lent to other machines.",
    due: 'Node.js alone',
    tests: ['fleet/desk.test.ts'],
    isLoaded: false,
  },
  {
    on: ['bun'],
    area: 'The cache',
    what: 'A package that is missing is installed, where no folder above has `node_modules`, instead of an error that asks for it.',
    due: 'the runtime',
    tests: [
      'topics/nats.test.ts > a topic over NATS without the packages says what to install',
      'cache/drivers.test.ts > the package lmdb*',
    ],
  },
  {
    on: ['bun'],
    area: 'The cache',
    what: 'With lmdb, a write that fails since the disk is full ends the process.',
    due: 'the runtime',
    tests: ['cache/full-disk.test.ts > a cache in lmdb whose disk is full*'],
  },
  {
    on: ['bun'],
    area: 'The cache',
    what: "The test of a full disk calls a function of the program's own file.",
    due: 'Node.js alone',
    tests: ['cache/full-disk.test.ts > a cache in sqlite whose disk is full*'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Network streams',
    what: 'The option `dispatcher` of `fetch`, which is of undici, is not known: proxies and certificates of your own are given in the way of the runtime.',
    due: 'the runtime',
    tests: ['sources/proxy-and-tls.test.ts'],
    isLoaded: false,
  },
  {
    on: ['bun'],
    area: 'Network streams',
    what: 'Time limits and errors of `fetch` are those of Bun: garbage may keep a connection open, and data that was cut while it is compressed is lost.',
    due: 'the runtime',
    tests: [
      'sources/connecting-again.test.ts > httpEvents connects again > after an end, a cut, no answer, garbage*',
      'sources/connecting-again.test.ts > httpEvents connects again > takes the time limits of fetch for idleness',
      'sources/http-events.test.ts > httpEvents of lines > gives a last line without its end*',
      'sources/http-ends.test.ts > httpEvents refuses > a body for GET at once that cannot be used',
    ],
  },
  {
    on: ['deno'],
    area: 'Network streams',
    what: 'The time limits of an `Agent` of the package undici did not end an idle connection in the time of the test.',
    due: 'the runtime',
    tests: [
      'sources/connecting-again.test.ts > httpEvents connects again > takes the time limits of fetch for idleness',
    ],
  },
  {
    on: ['bun'],
    area: 'Network streams',
    what: 'A WebSocket server of Bun does not let the test stop reading.',
    due: 'the test',
    tests: ['sources/websocket-events.test.ts > websocketEvents > pings a quiet server*'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Network streams',
    what: 'The client of a stream of HTTP/2 that was cut is not told so in Bun; in Deno it gets nothing of what came before.',
    due: 'the runtime',
    tests: ['sse/pipe.test.ts > pipeSse > cuts a stream of HTTP/2, and not only ends it*'],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'Deno itself prints an error that ends a thread to the standard error output, also where the program handles it.',
    due: 'the runtime',
    tests: ['pool/failures.test.ts > an idle thread that crashes > ends nothing else where nobody listens'],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'The error of a module that `--import` in `execArgv` names is not the `cause` of the `ERR_OFFLOOP_BOOT` of its thread.',
    due: 'the runtime',
    tests: [
      'pool/pool.test.ts > a thread that cannot start > rejects the calls with why, and the pool works once it can',
    ],
  },
  {
    on: ['deno'],
    area: 'Network streams',
    what: 'Data that was cut while it is compressed ends in an error of `fetch`, and a response compressed with deflate did not give its events before its end in the time of the test.',
    due: 'the runtime',
    tests: [
      'sources/http-events.test.ts > httpEvents of lines > gives a last line without its end*',
      'sources/compression.test.ts > httpEvents of a compressed response > gives events before its end: deflate',
    ],
  },
  {
    on: ['deno'],
    area: 'Topics',
    what: 'A message that is sent while the server of NATS stands still was not confirmed in time once; the tests after that find the server as it was left.',
    due: 'the test',
    tests: ['topics/nats.test.ts > a topic over NATS > waits for a server that is frozen'],
    isSteady: false,
  },
  {
    on: ['deno'],
    area: 'Other machines',
    what: 'The command of a fleet did not read new code at SIGHUP in time; the cause is not known yet.',
    due: 'the runtime',
    tests: ['fleet/failures.test.ts > another version of the code > is read at SIGHUP, and no call is dropped'],
  },
  {
    on: ['bun', 'deno'],
    area: 'Calls and threads',
    what: 'A program on the standard input is not run as the test asks Node.js to.',
    due: 'the test',
    tests: [
      'own-timers.test.ts > a turn of the loop that is none of Node > keeps the process alive, and comes for the others when an action throws',
    ],
  },
  {
    on: ['deno'],
    area: 'The cache',
    what: 'A thread that is ended in a transaction of lmdb was not seen to free its lock.',
    due: 'the runtime',
    tests: [
      'cache/deaths.test.ts > a thread that is ended, with the driver lmdb > in a transaction leaves nothing, and its lock is free',
    ],
    isSteady: false,
  },
  {
    on: ['deno'],
    area: 'The cache',
    what: 'The test that counts the loads of lmdb and the test of a full disk do not get what their programs print.',
    due: 'the test',
    tests: [
      'cache/drivers.test.ts > the package lmdb > is loaded by a cache that needs it, and by nothing else',
      'cache/full-disk.test.ts > a cache in lmdb whose disk is full*',
      'cache/full-disk.test.ts > a cache in sqlite whose disk is full*',
    ],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'A program given by `--eval` is not run as the test asks Node.js to.',
    due: 'the test',
    tests: ['exit.test.ts > a process > shows no more than a few lines of an error that nobody catches'],
  },
  {
    on: ['deno'],
    area: 'Objects',
    what: 'A program with `import` that is given by `--eval` is not taken for a module, whatever `--input-type` says.',
    due: 'the test',
    tests: [
      'objects/bytes/threads.test.ts > a byte stream > does not keep a process alive by itself, but a pending call does',
      'objects/bytes/threads.test.ts > a byte stream > is closed when it is garbage-collected, with its source',
    ],
  },
  {
    on: ['bun'],
    area: 'Calls and threads',
    what: '`process.getActiveResourcesInfo()` does not list what waits for the next turn of the loop.',
    due: 'the test',
    tests: [
      'call/lane/looking.test.ts > no turn is spent on a quick call that comes alone, whatever its arguments are, but one on another that follows soon',
    ],
  },
];

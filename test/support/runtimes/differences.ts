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
    what: 'Modules of the development server of Turbopack are not found.',
    due: 'Node.js alone',
    tests: ['address/hot.test.ts'],
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
    what: "In a test of vitest, an error of the test's own modules arrives as the nearest built-in class.",
    due: 'the runtime',
    tests: [
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
    what: 'An error has its `message` and `stack` in another order, and a `DOMException` has a `stack` of one line.',
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
      'call/pair.test.ts > a lane without a thread > sends a short call at once, those that follow it once the microtasks have run that are due, and longer ones before',
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
    what: 'A module that does not exist is not reported when it is offloaded, but by the call.',
    due: 'the runtime',
    tests: [
      'wrappers/offload.test.ts > an offloaded module > that does not exist rejects each call',
      'base/peer.test.ts > a package that only some users need > is looked up once for the library itself, not at each use',
    ],
  },
  {
    on: ['deno'],
    area: 'Calls and threads',
    what: 'A program that loads both the ES module and the CommonJS build gets a warning.',
    due: 'the runtime',
    tests: ['base/copies.test.ts > the ES modules and the CommonJS build'],
  },
  {
    on: ['bun'],
    area: 'Context',
    what: 'What code puts on its async resource is seen by calls that it made before.',
    due: 'the runtime',
    tests: ['context/entered-stores.test.ts > nor what a call puts on its async resource'],
  },
  {
    on: ['deno'],
    area: 'Context',
    what: 'In inline mode, stores that a function enters stay for its caller.',
    due: 'the runtime',
    tests: ['context/context.test.ts > the values at a call > are there in inline mode as well, and nothing else is'],
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
    tests: [
      'objects/links/release.test.ts > a link over a port leaves no port',
      'objects/links/comlink.test.ts > an attack on a link > floods',
    ],
  },
];

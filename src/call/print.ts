/** What threads have printed is printed here. @module */

import { setImmediate } from '../base/clock.ts';

/** What takes what a thread prints: a `Writable` of Node.js, or what is like one. */
export interface Sink {
  write(chunk: string | Uint8Array): unknown;
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
}

/** Prints what a thread has printed: to `sinks`, or else as this thread does. */
export function printHere(
  stream: number,
  chunk: string | Uint8Array,
  { stdout = process.stdout, stderr = process.stderr }: { stdout?: Sink | undefined; stderr?: Sink | undefined } = {},
): void {
  const sink = stream === 1 ? stdout : stderr;
  // A call that is over may have left something that goes on to print.
  if (sink.writableEnded || sink.destroyed) return;
  try {
    sink.write(chunk);
  } catch (error) {
    // The answers behind it are to be read.
    setImmediate(() => {
      throw error;
    });
  }
}

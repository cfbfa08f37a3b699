/** Prints the output of threads. @module */

import { setImmediate } from '../base/clock.ts';

/** A destination for the output of a thread: a `Writable` of Node.js, or a similar object. */
export interface Sink {
  write(chunk: string | Uint8Array): unknown;
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
}

/** Prints the output of a thread to `sinks`, or else to the streams of this thread. */
export function printHere(
  stream: number,
  chunk: string | Uint8Array,
  { stdout = process.stdout, stderr = process.stderr }: { stdout?: Sink | undefined; stderr?: Sink | undefined } = {},
): void {
  const sink = stream === 1 ? stdout : stderr;
  // Code that a finished call left running may still print after the user has ended the stream.
  if (sink.writableEnded || sink.destroyed) return;
  try {
    sink.write(chunk);
  } catch (error) {
    // Throw later, so that the records after this one are read.
    setImmediate(() => {
      throw error;
    });
  }
}

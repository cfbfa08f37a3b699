/** Turns Ctrl-C and a polite kill into an abort. @module */

import { constants } from 'node:os';

/** The reason of an abort by a signal of the operating system. */
export class Interruption extends Error {
  readonly signalName: NodeJS.Signals;

  /** The exit code by the convention of shells: 128 plus the signal's number. */
  readonly exitCode: number;

  constructor(signalName: NodeJS.Signals) {
    super(`Stopped by ${signalName}`);
    this.signalName = signalName;
    this.exitCode = 128 + constants.signals[signalName];
  }
}

const signalNames = ['SIGINT', 'SIGTERM'] as const;

/** The result of {@link interruptible}. */
export interface Interruptible extends Disposable {
  /** Aborted with an {@link Interruption} at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

/** Listens to SIGINT and SIGTERM until it is disposed of. */
export function interruptible(): Interruptible {
  const controller = new AbortController();
  const stop = (): void => {
    for (const name of signalNames) process.off(name, interrupt);
  };
  const interrupt = (name: NodeJS.Signals): void => {
    stop();
    controller.abort(new Interruption(name));
  };
  for (const name of signalNames) process.on(name, interrupt);

  return { signal: controller.signal, [Symbol.dispose]: stop };
}

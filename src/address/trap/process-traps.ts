/** The traps of `process`: exit, handlers, process-wide state, and standard input. @module */

import { guard } from './guards.ts';
import type { Judge } from './guards.ts';
import { trap } from './pass-through.ts';

const ends = 'ends the process';

const judges: Readonly<Record<string, Judge>> = {
  exit: () => ends,
  reallyExit: () => ends,
  abort: () => ends,
  execve: () => ends,
  kill: ([, signal]) => (signal === 0 ? undefined : 'sends a signal'),
  chdir: () => 'changes the working directory',
  umask: (args) => (args.length > 0 ? 'changes the mode of new files' : undefined),
  setUncaughtExceptionCaptureCallback: () => handles,
  addUncaughtExceptionCaptureCallback: () => handles,
  _rawDebug: () => () => undefined,
};

const handles = 'handles what ends the process';

/** Events that a process or thread gets at its end, or from the system. */
const isEnd = /^(?:SIG[A-Z0-9]+|exit|beforeExit|uncaughtException(?:Monitor)?|unhandledRejection|rejectionHandled)$/;

const listens: Judge = ([event]) => {
  if (typeof event !== 'string' || !isEnd.test(event)) return undefined;
  return event.startsWith('SIG') ? 'handles a signal' : handles;
};

const adders = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];

/** Traps the methods of `process`. */
export function trapProcess(): void {
  for (const [name, judge] of Object.entries(judges)) trap(process, name, guard(`process.${name}`, judge));
  for (const name of ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups']) {
    trap(
      process,
      name,
      guard(`process.${name}`, () => 'changes the user or group of the process'),
    );
  }
  for (const name of adders) trap(process, name, guard(`process.${name}`, listens));
  trapInput();
}

const readsInput = (): string => 'reads standard input';

/** Whether a listener for the event begins to read a stream. */
const isReading: Judge = ([event]) =>
  /^(?:data|readable|end|close|keypress)$/.test(String(event)) ? readsInput() : undefined;

/** Traps the reading of standard input, by `process.stdin` or by the stream itself if a module holds it already. */
function trapInput(): void {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin');
  if (!own?.get || !own.configurable) return;
  const { stdin, get } = { stdin: process.stdin, get: own.get };
  const asks = guard('process.stdin', readsInput);
  Object.defineProperty(process, 'stdin', {
    ...own,
    get() {
      asks([]);
      return get.call(process) as unknown;
    },
  });
  for (const name of ['read', 'resume', 'pipe', 'iterator', Symbol.asyncIterator]) {
    trap(stdin, name, guard('process.stdin', readsInput));
  }
  for (const name of adders) trap(stdin, name, guard('process.stdin', isReading));
}

/** The signals by which the process of a node is told to end. @module */

/** What a node is told. */
export interface Told extends Disposable {
  /** It is to end once its calls have: the name of the signal, or `'disconnect'` if whoever started it is gone. */
  readonly end: Promise<string>;

  /** It is told once more, and ends at once. */
  readonly again: Promise<false>;
}

const names = ['SIGTERM', 'SIGINT'] as const;

/** Listens to the signals until it is disposed of. */
export function answerSignals(): Told {
  let drain: (why: string) => void = () => undefined;
  let hurry: (isClean: false) => void = () => undefined;
  const end = new Promise<string>((resolve) => (drain = resolve));
  const again = new Promise<false>((resolve) => (hurry = resolve));
  let times = 0;
  let at = 0;
  const tell = (why: string): void => {
    // A terminal tells all processes of its group, and the first of them tells this one.
    const isEcho = times > 0 && performance.now() - at < 200;
    if (isEcho) return;
    at = performance.now();
    times += 1;
    if (times === 1) drain(why);
    else hurry(false);
  };
  const lost = (): void => {
    if (times === 0) tell('disconnect');
  };
  for (const name of names) process.on(name, tell);
  // The process that has started this one is gone: nobody would end it.
  process.on('disconnect', lost);
  return {
    end,
    again,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, tell);
      process.off('disconnect', lost);
    },
  };
}

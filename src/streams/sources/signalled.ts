/** A stream with a signal of its own, as part of another one. @module */

import { reasonOf } from '../../base/signal.ts';
import { holdForClock } from '../../codec/clocked.ts';
import { onAbort } from '../../codec/on-abort.ts';
import { Driven } from '../run/driven.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** Gives what its source gives, until the signal is aborted: then its reason, once. */
export class Signalled extends Driven {
  constructor(source: Pull, run: Run, signal: AbortSignal) {
    super([source]);
    const abort = (): void => this.failed(reasonOf(signal));
    if (signal.aborted) {
      abort();
      return;
    }
    const letGo = holdForClock(signal);
    const forget = onAbort(signal, abort);
    run.scope.add(() => {
      letGo();
      forget();
    });
  }

  protected ask(): void {
    this.sources[0]?.ask();
  }
}

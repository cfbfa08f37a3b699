/** What a lane consists of, for those of its parts that need others. @module */

import type { Wire } from '../../wire/wire.ts';
import type { Answers } from './answers.ts';
import type { Departures } from './departures.ts';
import type { Introductions } from './introductions.ts';
import type { Loads } from './loads.ts';
import type { Outstanding } from './outstanding.ts';
import type { Waits } from './waits.ts';

/** What a lane has for the calls that it sends. */
export interface LaneParts {
  readonly calls: Outstanding;
  readonly loads: Loads;
  readonly wire: Wire;
  readonly told: Introductions;
  readonly departures: Departures;
  readonly waits: Waits;
  readonly answers: Answers;
}

/** The lane itself, as those of its parts know it that send calls. */
export interface SendingLane {
  /** The time of the thread's last message, or of the first call that was sent while none was outstanding. */
  progress: number;

  /** Polls: reads the messages that have arrived. Gives whether quick calls are still outstanding. */
  look(): boolean;

  /** Called when polling stops. */
  rest(): void;
}

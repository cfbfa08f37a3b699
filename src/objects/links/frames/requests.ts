/** A session, as its values and the objects of the other side know it. @module */

import type { LinkCallOptions, OutgoingChunk } from '../live/remote.ts';
import type { Flow } from '../live/streams/flow.ts';

export interface Requests extends Flow {
  /** Asks for a call, or for a value without `args`. */
  request(target: number, name: string, args: unknown[] | undefined, options?: LinkCallOptions): Promise<unknown>;

  /** Calls without an answer; does nothing once the session is over. */
  notify(target: number, name: string, args: unknown[]): void;

  /** As `notify` with a message of a byte stream that has the bytes of `chunk`. */
  sendBytes(target: number, context: number, chunk: OutgoingChunk): void;

  /** Tells that the object `target`, which had arrived so often, is not used any more. */
  drop(target: number, times: number): void;
}

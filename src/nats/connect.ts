/** Connects to a server of NATS. @module */

import { after } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { loadPeer } from '../base/peer.ts';
import { pause } from '../base/pause.ts';
import type { NatsConnecting, NatsConnection } from './client-types.ts';

/** How long to wait before the server is tried again, in milliseconds. */
const between = 250;

/** How long the server may take to answer, in milliseconds. */
export const requestTime = 5000;

/**
 * The packages that talk to NATS; `use` says what needs them.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_PEER` if they are missing, or of another version.
 */
export function loadNats(use: string): object {
  const load = (name: string): object => loadPeer({ name: `@nats-io/${name}`, from: [3, 0], below: 4, use }) as object;
  return { ...load('transport-node'), ...load('jetstream') };
}

/**
 * A connection that is made again when it is lost. A server that cannot be reached is tried for `timeout` milliseconds,
 * as long as the connection is wanted.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached in time, or it refuses to talk.
 */
export async function connectTo(
  { connect }: NatsConnecting,
  options: Readonly<Record<string, unknown>>,
  timeout: number,
  isWanted: () => boolean = () => true,
): Promise<NatsConnection> {
  let isLate = false;
  const limit = after(timeout, () => (isLate = true));
  limit.hold();
  try {
    for (;;) {
      try {
        return await connect({
          maxReconnectAttempts: -1,
          reconnectTimeWait: between,
          pingInterval: 10_000,
          timeout: requestTime,
          // A stack for each request costs more than the request, and shows this library only.
          noAsyncTraces: true,
          ...options,
        });
      } catch (cause) {
        // A server that is there and says no is not asked again.
        if (isLate || !isWanted() || !/Connection|Timeout/.test((cause as Error).name)) {
          const text = `Cannot connect to NATS: ${(cause as Error).message}`;
          throw new OffloopError('ERR_OFFLOOP_BROKER', text, { cause });
        }
      }
      await pause(between);
    }
  } finally {
    limit.letGo();
    limit.cancel();
  }
}

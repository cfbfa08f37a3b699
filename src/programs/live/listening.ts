/** A server on the loopback interface, and its end. @module */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens. */
export interface Listening {
  readonly address: string;

  /** Takes no more requests, lets responses end that are ending, and resolves once there is no socket left. */
  close(): Promise<void>;
}

/** How long responses may take to end, in milliseconds. */
const patience = 1000;

/**
 * Has `server` listen at `port`, or at any port that is free if that is 0. Nobody but this machine can connect.
 *
 * @throws the system's error if the port is taken, or is not for this user.
 */
export async function listening(server: Server, port: number): Promise<Listening> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const late = setTimeout(() => server.closeAllConnections(), patience);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(late);
    },
  };
}

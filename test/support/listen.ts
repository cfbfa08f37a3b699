/** Servers of tests, which are gone when the test is over. @module */

import type { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { onTestFinished } from 'vitest';

/** Listens on a port of the loopback interface, which it gives. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    (server as Partial<ReturnType<typeof createServer>>).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

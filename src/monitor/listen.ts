/** A server of a monitor's own. @module */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argumentError } from '../base/errors.ts';
import { kind, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { Promise } from '../base/intrinsics.ts';
import { isLoopback } from './guard.ts';
import type { NodeRequest, NodeResponse } from './serve-node.ts';

/** Options of `monitor(…).listen`. */
export interface ListenOptions {
  /** From 0 to 65,535. @defaultValue `0`: any that is free */
  port?: number | undefined;

  /** The address to listen at. Other machines reach what is not a loopback address. @defaultValue `'127.0.0.1'` */
  host?: string | undefined;
}

/** A server that listens. */
export interface Listening extends AsyncDisposable {
  /** The address of the page, such as `http://127.0.0.1:4000/`; without the token. */
  readonly url: string;

  /** Takes no more requests, ends the open ones, and resolves once no socket is left. */
  close(): Promise<void>;
}

const checks: Record<keyof ListenOptions, Check> = {
  port: (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535 ? undefined : 'a port, from 0 to 65535',
  host: kind('string'),
};

/**
 * Has a server of its own listen. It does not keep the process alive.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option cannot be used, or other machines would reach it without a token.
 * @throws the system's error if the port is taken, or is not for this user.
 */
export async function listenWith(
  serve: (request: NodeRequest, response: NodeResponse) => void,
  options: ListenOptions,
  hasToken: boolean,
): Promise<Listening> {
  const { port = 0, host = '127.0.0.1' } = ownOptions('listen', options, checks);
  if (!hasToken && host !== 'localhost' && !isLoopback(host)) {
    throw argumentError(
      `Cannot listen at ${host} without a token, because other machines reach it: give monitor() a token, or listen at 127.0.0.1`,
    );
  }
  const server = createServer(serve);
  server.on('connection', (socket) => socket.unref());
  server.listen(port, host);
  await once(server, 'listening');
  server.unref();
  const { port: taken, address, family } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

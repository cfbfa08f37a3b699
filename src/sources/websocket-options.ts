/** Options of `websocketEvents`. @module */

import { count, duration, kind, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';
import type { HttpEventsOptions } from './http-options.ts';
import { retryCheck } from './retry.ts';

/** A message as it comes: text, or bytes. */
export type WebSocketData = string | Uint8Array;

/** Options of `websocketEvents`. */
export interface WebSocketEventsOptions<T = WebSocketData> extends Pick<
  HttpEventsOptions<T>,
  'headers' | 'idleTimeout' | 'retry' | 'isPing' | 'maxLength' | 'signal'
> {
  /**
   * Reads a message. What it throws counts as a failure of the connection. @defaultValue the message itself, a string or a
   * `Uint8Array`
   */
  parse?: ((message: WebSocketData) => T) | undefined;

  /** The subprotocols that the server may choose from. @defaultValue `[]` */
  protocols?: readonly string[] | undefined;

  /** Other options of the class of `ws`, such as `agent` or `ca`. @defaultValue `{}` */
  connection?: Readonly<Record<string, unknown>> | undefined;
}

const checks: Readonly<Record<keyof WebSocketEventsOptions, Check>> = {
  headers: kind('object', 'function'),
  idleTimeout: duration,
  retry: retryCheck,
  isPing: kind('function'),
  maxLength: count(1),
  signal: signalCheck,
  parse: kind('function'),
  protocols: (value) => (Array.isArray(value) && areNames(value) ? undefined : 'an array of different names'),
  connection: kind('object'),
};

/** Whether these can be the names of subprotocols. */
function areNames(values: readonly unknown[]): boolean {
  return values.every((it) => /^[\w!#$%&'*+\-.^`|~]+$/.test(String(it))) && new Set(values).size === values.length;
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function checkedWebSocketOptions<T>(options: WebSocketEventsOptions<T>): Readonly<WebSocketEventsOptions<T>> {
  return ownOptions('websocketEvents', options, checks);
}

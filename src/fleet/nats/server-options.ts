/** The options by which callers and nodes find their server, and each other. @module */

import { kind } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';

/** How a server is reached. */
export interface ServerOptions {
  /** Addresses of servers. @defaultValue `'127.0.0.1:4222'` */
  servers?: string | readonly string[] | undefined;

  /** More options of `connect` of `@nats-io/transport-node`, such as `{ user, pass, tls }`. @defaultValue `{}` */
  connection?: Readonly<Record<string, unknown>> | undefined;

  /**
   * The first word of all subjects and streams: fleets with different words do not know each other. Letters, digits, `-` and
   * `_`. @defaultValue `'offloop'`
   */
  prefix?: string | undefined;
}

const addresses: Check = (value) =>
  typeof value === 'string' || (Array.isArray(value) && value.every((it) => typeof it === 'string'))
    ? undefined
    : 'an address, or an array of addresses';

const word: Check = (value) =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? undefined : 'a word of letters, digits, - and _';

export const serverChecks: Record<keyof ServerOptions, Check> = {
  servers: addresses,
  connection: kind('object'),
  prefix: word,
};

/** The options for the client of NATS. */
export function clientOptions({ servers = '127.0.0.1:4222', connection = {} }: ServerOptions): Record<string, unknown> {
  return { servers, ...connection };
}

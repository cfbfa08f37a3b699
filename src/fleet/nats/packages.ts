/** The packages that talk to NATS. @module */

import { loadNats } from '../../nats/connect.ts';
import type { NatsPackages } from './client-types.ts';

let packages: NatsPackages | undefined;

/** @throws {OffloopError} `ERR_OFFLOOP_PEER` if the packages are missing, or of another version. */
export function natsPackages(): NatsPackages {
  return (packages ??= loadNats('a fleet') as NatsPackages);
}

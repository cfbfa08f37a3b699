/** The packages that talk to NATS. @module */

import { loadPeer } from '../../base/peer.ts';
import type { NatsPackages } from './client-types.ts';

let packages: NatsPackages | undefined;

/** @throws {OffloopError} `ERR_OFFLOOP_PEER` if the packages are missing, or of another version. */
export function natsPackages(): NatsPackages {
  const load = (name: string): object =>
    loadPeer({ name: `@nats-io/${name}`, from: [3, 0], below: 4, use: 'a fleet' }) as object;
  return (packages ??= { ...load('transport-node'), ...load('jetstream') } as NatsPackages);
}

/** The main side's answers to threads that write. @module */

import { coroutine } from '../../bridge/coroutine.ts';
import { Promise } from '../../base/intrinsics.ts';
import { unpackWrites } from '../threads/writes.ts';
import { recordAt } from './records.ts';
import { staged } from './staging.ts';

/** Makes the writes of a parcel, none of which is published, of a store without bounds. */
export const writeTo: (path: string, parcel: Uint8Array) => Promise<void> = coroutine(async function writeTo(
  path: string,
  parcel: Uint8Array,
): Promise<void> {
  const { bytes, done } = staged(parcel);
  await recordAt(path).writeTogether(unpackWrites(bytes));
  done();
});

/** Failed writes by their places in the message: place and error alternate. */
export type Failures = readonly unknown[];

export const failuresOf = (failures: Failures): ReadonlyMap<number, unknown> =>
  new Map(failures.flatMap((it, i) => (i % 2 === 0 ? [[it as number, failures[i + 1]] as const] : [])));

/** The writes of messages that {@link verdictOn} follows at once, by their tickets. */
const judged = new Map<string, Promise<Failures>>();

/**
 * Makes the writes of a parcel, none of which is published, of a bounded store, each by itself; gives those that have failed. With a
 * ticket, {@link verdictOn} follows.
 */
export const writeApartTo: (path: string, parcel: Uint8Array, ticket: string | undefined) => Promise<Failures> =
  coroutine(async function writeApartTo(
    path: string,
    parcel: Uint8Array,
    ticket: string | undefined,
  ): Promise<Failures> {
    const { bytes, done } = staged(parcel);
    const record = recordAt(path);
    const writing = failuresAmong(unpackWrites(bytes).map(async (write) => record.writeKept(write)));
    if (ticket !== undefined) judged.set(ticket, writing);
    const failures = await writing;
    done();
    return failures;
  });

async function failuresAmong(writes: readonly Promise<unknown>[]): Promise<Failures> {
  const outcomes = await Promise.allSettled(writes);
  return outcomes.flatMap((it, i) => (it.status === 'rejected' ? [i, it.reason as unknown] : []));
}

/** Rejects as the first of the writes `among` those with the ticket does that fails. */
export const verdictOn: (ticket: string, among: readonly number[]) => Promise<void> = coroutine(
  async function verdictOn(ticket: string, among: readonly number[]): Promise<void> {
    const writing = judged.get(ticket);
    judged.delete(ticket);
    const errors = failuresOf((await writing) ?? []);
    for (const i of among) if (errors.has(i)) throw errors.get(i);
  },
);

/** Makes one packed write that is published; resolves once every iterator that blocks has room for it. */
export const publishTo: (path: string, bytes: Uint8Array) => Promise<void> = coroutine(async function publishTo(
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const [write] = unpackWrites(bytes);
  if (write) await recordAt(path).writeKept(write);
});

/** Updates that wait for room, by the tickets of the threads that ask for them. */
const deliveries = new Map<number, PromiseLike<unknown>>();
let tickets = 0;

/** Makes all packed writes, or none; gives a ticket for {@link deliveredAt}, or 0 where nobody has to be waited for. */
export const commitTo: (path: string, bytes: Uint8Array) => Promise<number> = coroutine(async function commitTo(
  path: string,
  bytes: Uint8Array,
): Promise<number> {
  const record = recordAt(path);
  const writes = unpackWrites(bytes);
  const commit = await record.commit(writes);
  if (!writes.some(({ isPublished }) => isPublished) || record.hub.isIdle) return 0;
  const ticket = (tickets += 1);
  const delivered = commit.delivered();
  deliveries.set(ticket, delivered);
  // A thread that has ended does not ask.
  const forget = (): void => void deliveries.delete(ticket);
  delivered.then(forget, forget);
  return ticket;
});

export const deliveredAt: (ticket: number) => Promise<void> = coroutine(async function deliveredAt(
  ticket: number,
): Promise<void> {
  await deliveries.get(ticket);
});

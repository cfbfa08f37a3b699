/** The jobs, wrapped by offloop; its threads import this module too. @module */

import { move, threaded, threadedIterable, threadedSeparate } from 'offloop';
import * as jobs from '../jobs.mjs';

export const add = threaded(jobs.add);
export const next = threaded(jobs.next);
export const stamp = threaded(jobs.stamp);
export const moved = threaded((bytes) => move(jobs.stamp(bytes)));
export const spin = threaded(jobs.spin);
export const primes = threaded(jobs.primes);
export const digest = threaded(jobs.digest);
export const nodes = threaded(jobs.nodes);
export const where = threaded(jobs.where);
export const numbers = threadedIterable(jobs.numbers);
export const records = threadedIterable(jobs.records);
export const chunks = threadedIterable(jobs.chunks);
export const blocking = threadedIterable(jobs.blocking);
export const addAlone = threadedSeparate(jobs.add);

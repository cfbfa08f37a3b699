/** The jobs, as Tinypool wants them: one argument each. @module */

import { Tinypool } from 'tinypool';
import * as jobs from '../jobs.mjs';

export const add = ([a, b]) => jobs.add(a, b);
export const next = ([record]) => jobs.next(record);
export const stamp = ([bytes]) => jobs.stamp(bytes);
export const moved = ([bytes]) => Tinypool.move(jobs.stamp(bytes));
export const spin = ([time]) => jobs.spin(time);
export const primes = ([limit]) => jobs.primes(limit);
export const digest = ([path, offset, length]) => jobs.digest(path, offset, length);
export const nodes = ([path]) => jobs.nodes(path);
export const where = () => jobs.where();

/** The jobs, wrapped by offloop; its threads import this module too. @module */

import { move, threaded } from 'offloop';
import * as jobs from '../jobs.mjs';

export const add = threaded(jobs.add);
export const next = threaded(jobs.next);
export const stamp = threaded(jobs.stamp);
export const moved = threaded((bytes) => move(jobs.stamp(bytes)));
export const spin = threaded(jobs.spin);
export const where = threaded(jobs.where);

/** All rows, in the order they are printed. @module */

import { bytes } from './bytes.mjs';
import { calls } from './calls.mjs';
import { idle } from './idle.mjs';
import { loop } from './loop.mjs';
import { streams } from './streams.mjs';

/**
 * A row has a `name`, a `unit`, how many `rounds` count, a `size` and a `quickSize`, a sentence that `says` what is
 * measured, and `targets`. Its `round` gives a `figure` in that unit, the processor time of one call in microseconds as
 * `cpu`, how many `answers` it found right, and how many threads it `used` if it knows; a wrong answer throws.
 *
 * It may have `contestants` of its own, a `baseline` beside them, and what each does at the `begin`, which throws as well.
 * Contestants that take long get their part of the size, by the divisor in `fewer`; then figures are not to depend on it.
 */
export const groups = [
  { title: 'Calls', rows: calls },
  { title: 'Bytes', rows: bytes },
  { title: 'The loop of main', rows: loop },
  { title: 'Streams', rows: streams },
  { title: 'Idle', rows: idle },
];

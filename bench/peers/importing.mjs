/** A baseline for start-up: offloop is loaded, and a bare `Worker` does the work. @module */

import 'offloop';

export { open } from './bare.mjs';

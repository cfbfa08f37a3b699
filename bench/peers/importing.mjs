/** No contestant but what starting is held against: offloop is loaded, and a bare `Worker` does the work. @module */

import 'offloop';

export { open } from './bare.mjs';

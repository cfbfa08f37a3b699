/** The function is in a module. @module */

import { add } from './program-jobs.mjs';

const answer = await add(1, 2);
console.log(JSON.stringify({ answer, time: performance.now() }));

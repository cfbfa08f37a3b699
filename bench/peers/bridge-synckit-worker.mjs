/** The other end of `bridge-synckit.mjs`: answers. @module */

import { threadId } from 'node:worker_threads';
import { runAsWorker } from 'synckit';

runAsWorker(async (i) => ({ value: i + 1, threadId }));

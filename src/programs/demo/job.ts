/** The demo's job, off the loop: this is all it takes. @module */

import { threaded } from '../../index.ts';
import type { Threaded } from '../../index.ts';
import { digestFile } from './facts.ts';
import type { FileFacts } from './facts.ts';

/** Computes the facts about a file in a worker thread; `digest.syncCall(path)` does the same here, blocking. */
export const digest: Threaded<(path: string) => FileFacts> = threaded(function digest(path: string): FileFacts {
  return digestFile(path);
});

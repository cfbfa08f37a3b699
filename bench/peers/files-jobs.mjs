/** The functions of `files.mjs` that run in a thread of offloop. @module */

import { threaded } from 'offloop';
import { byteStream } from 'offloop/objects';

export const openFile = threaded(function openFile(path) {
  return byteStream(path);
});

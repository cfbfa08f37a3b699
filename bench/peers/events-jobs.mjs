/** A source in a thread of its own. @module */

import { threadedIterableSeparate } from 'offloop';
import { httpEvents } from 'offloop/sources';

export const live = threadedIterableSeparate((url) => httpEvents(url), { maxSize: 15, overflow: 'drop-oldest' });

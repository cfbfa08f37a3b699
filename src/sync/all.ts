/** Loads all primitives, so that each can arrive in a thread. @module */

import './channel.ts';
import './event.ts';
import './lock.ts';
import './semaphore.ts';

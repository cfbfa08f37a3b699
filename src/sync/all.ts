/** Everything that can arrive in a thread as a thing in shared memory. @module */

import './channel.ts';
import './event.ts';
import './lock.ts';
import './semaphore.ts';

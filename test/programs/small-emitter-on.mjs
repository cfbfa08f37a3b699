import { EventEmitter } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const emitter = new EventEmitter();
const f = threaded((n) => n + emitter.listenerCount('never'));
//#endregion

emitter.on('x', (n) => f(n).then(console.log));
emitter.emit('x', 4);

//! works
//> 4

import { EventEmitter, type EventEmitter as Emitter } from 'node:events';
import type { Threaded } from 'offloop';
import { threaded } from 'offloop';

type Handler = (text: string) => number;
const length: Threaded<Handler> = threaded((text: string) => text.length);

declare global {
  var answers: number[];
}
globalThis.answers = [];

const emitter: Emitter = new EventEmitter();
emitter.once('text', async (text: string) => {
  globalThis.answers.push(await length(text));
  console.log(globalThis.answers);
});
emitter.emit('text', 'hello');

//! works
//> [ 5 ]

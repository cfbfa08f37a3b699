/** Answers calls from a work queue of JetStream, each in a thread, one at a time: what a node does, without its care. @module */

import { Worker } from 'node:worker_threads';
import { connect } from '@nats-io/transport-node';

const connection = await connect({ servers: process.argv[2], noAsyncTraces: true });
const source = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', ([a, b, reply, done]) => parentPort.postMessage([a + b, reply, done]));`;
const thread = new Worker(source, { eval: true });
const ask = () => {
  const question = { batch: 1, expires: 30e9 };
  connection.publish('$JS.API.CONSUMER.MSG.NEXT.queue.nodes', JSON.stringify(question), { reply: 'pulled' });
};
connection.subscribe('pulled', {
  callback: (_, { reply, data }) => {
    if (!reply) return ask();
    const { a, b, caller } = JSON.parse(new TextDecoder().decode(data));
    thread.postMessage([a, b, caller, reply]);
  },
});
thread.on('message', ([sum, caller, done]) => {
  connection.publish(caller, JSON.stringify(sum));
  connection.publish(done, '+ACK');
  ask();
});
ask();
await connection.flush();
process.send('ready');
process.once('disconnect', () => process.exit());

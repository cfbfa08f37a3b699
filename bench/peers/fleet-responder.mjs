/** Answers requests over NATS, and sends items one a message, in a process of its own. @module */

import { connect } from '@nats-io/transport-node';

const connection = await connect({ servers: process.argv[2] });
connection.subscribe('add', {
  callback: (_, message) => {
    const [a, b] = JSON.parse(message.string());
    message.respond(JSON.stringify(a + b));
  },
});
connection.subscribe('numbers', {
  callback: (_, message) => {
    const count = JSON.parse(message.string());
    for (let i = 0; i < count; i += 1) connection.publish(message.reply, JSON.stringify(i));
  },
});
await connection.flush();
process.send('ready');
process.once('disconnect', () => process.exit());

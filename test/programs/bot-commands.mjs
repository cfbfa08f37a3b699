import { EventEmitter } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const client = new EventEmitter();
client.commands = new Map();
client.commands.set('roll', { run: threaded((sides) => sides - 1), help: 'rolls' });
//#endregion

client.commands.set('help', { run: async () => [...client.commands.keys()].join(), help: 'helps' });

client.once('ready', () => console.log('ready with', client.commands.size));
client.on('message', async (name, ...args) => {
  const command = client.commands.get(name);
  client.emit('answer', command ? await command.run(...args) : 'what?');
});
client.on('answer', (text) => console.log('answer:', text));

function login() {
  client.emit('ready');
  client.emit('message', 'roll', 6);
}
login();

//! works
//> ready with 2
//> answer: 5

import { once } from 'node:events';
import { threaded } from 'offloop';
import WebSocket, { WebSocketServer } from 'ws';

const wss = new WebSocketServer({ port: 0 });
wss.encode = threaded((text) => text.split('').reverse().join(''));

wss.on('connection', (socket) => {
  socket.on('message', async (data) => socket.send(await wss.encode(data.toString())));
});
await once(wss, 'listening');
console.log('ready');

const socket = new WebSocket(`ws://localhost:${wss.address().port}`);
await once(socket, 'open');
socket.send('abc');
const [message] = await once(socket, 'message');
console.log(message.toString());
socket.close();
wss.close();

//! works
//> ready
//> cba
//* listen

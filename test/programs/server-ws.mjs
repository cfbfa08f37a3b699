import { once } from 'node:events';
import { threaded } from 'offloop';
import WebSocket, { WebSocketServer } from 'ws';

//#region jobs
const rules = { max: 10, upper: true };

const encode = threaded((text) => (rules.upper ? text.toUpperCase() : text).slice(0, rules.max));
//#endregion

const wss = new WebSocketServer({ port: 0 });
const clients = new Set();

wss.on('connection', (socket) => {
  clients.add(socket);
  socket.on('message', async (data) => {
    const line = await encode(data.toString());
    for (const client of clients) client.send(line);
  });
  socket.on('close', () => clients.delete(socket));
});

await once(wss, 'listening');
const socket = new WebSocket(`ws://localhost:${wss.address().port}`);
await once(socket, 'open');
socket.send('hello to all of you');
const [message] = await once(socket, 'message');
console.log(message.toString());
socket.close();
await once(socket, 'close');
wss.close(() => console.log('closed', clients.size));

//! works
//> HELLO TO A
//> closed 0
//* listen

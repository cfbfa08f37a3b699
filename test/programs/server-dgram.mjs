import dgram from 'node:dgram';
import { threaded } from 'offloop';

//#region jobs
const upper = threaded((text) => text.toUpperCase());
//#endregion

const server = dgram.createSocket('udp4');
server.on('message', async (message, remote) => {
  server.send(await upper(message.toString()), remote.port, remote.address);
});
server.bind(0, '127.0.0.1', () => {
  console.log('bound');
  const client = dgram.createSocket('udp4');
  client.on('message', (message) => {
    console.log(message.toString());
    client.close();
    server.close();
  });
  client.send('hello', server.address().port, '127.0.0.1');
});

//! works
//> bound
//> HELLO
//* listen
//* listen

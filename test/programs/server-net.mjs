import net from 'node:net';
import { threaded } from 'offloop';

//#region jobs
const reply = threaded((line) => line.split('').sort().join(''));
//#endregion

const server = net.createServer((socket) => {
  socket.setEncoding('utf8');
  socket.on('data', async (text) => socket.end(`${await reply(text.trim())}\n`));
});
server.listen(0, () => {
  const client = net.connect(server.address().port);
  client.write('banana\n');
  client.setEncoding('utf8');
  client.on('data', (text) => process.stdout.write(text));
  client.on('close', () => server.close());
});

//! works
//> aaabnn
//* listen

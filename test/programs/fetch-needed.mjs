import http from 'node:http';
import { once } from 'node:events';
import { threaded } from 'offloop';

const server = http.createServer((_req, res) => res.end('[1,2,3]')).listen(0);
await once(server, 'listening');
const rates = await (await fetch(`http://localhost:${server.address().port}`)).json();
server.closeAllConnections();
server.close();

const total = threaded(() => rates.reduce((a, b) => a + b, 0));
console.log(rates.length);
console.log(await total());

//! refused ERR_OFFLOOP_CAPTURE rates|server
//> 3
//> 6
//* listen

import fastify from 'fastify';
import { threaded } from 'offloop';

//#region jobs
const app = fastify();
app.decorate('heavy', threaded((n) => n ** 3));
//#endregion

app.get('/', async () => ({ value: await app.heavy(3) }));

const address = await app.listen({ port: 0, host: '127.0.0.1' });
console.log('listening', /^http:/.test(address));
console.log(await (await fetch(address, { headers: { connection: 'close' } })).text());
await app.close();

//! works
//> listening true
//> {"value":27}
//* listen

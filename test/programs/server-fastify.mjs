import Fastify from 'fastify';
import { threaded } from 'offloop';

//#region jobs
const stopWords = new Set(['the', 'a', 'of']);
stopWords.add('and');

const count = threaded(function count(text) {
  const words = text.toLowerCase().match(/\w+/g) ?? [];
  return words.filter((word) => !stopWords.has(word)).length;
});
//#endregion

const fastify = Fastify({ logger: false });

fastify.post('/count', {
  schema: { body: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } },
  async handler(request) {
    return { count: await count(request.body.text) };
  },
});

fastify.get('/health', async () => ({ ok: true }));

await fastify.listen({ port: 0 });
const { port } = fastify.server.address();
const post = (body) =>
  fetch(`http://localhost:${port}/count`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });
console.log(await (await post({ text: 'The rise and fall of a star' })).json());
console.log((await post({})).status);
await fastify.close();
console.log('closed');

//! works
//> { count: 3 }
//> 400
//> closed
//* listen

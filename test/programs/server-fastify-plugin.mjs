import Fastify from 'fastify';
import { threaded } from 'offloop';

//#region jobs
const render = threaded(function render(name) {
  return `<h1>${name.replace(/</g, '&lt;')}</h1>`;
});
//#endregion

async function pages(instance, options) {
  instance.decorate('render', render);
  instance.get('/:name', async (request, reply) => {
    reply.type('text/html');
    return options.prefix2 + (await instance.render(request.params.name));
  });
}

const app = Fastify();
app.register(pages, { prefix: '/pages', prefix2: '<!doctype html>' });
app.addHook('onClose', async () => console.log('closing'));

const res = await app.inject({ url: '/pages/me' });
console.log(res.statusCode, res.headers['content-type'], res.body);
await app.close();

//! works
//> 200 text/html <!doctype html><h1>me</h1>
//> closing

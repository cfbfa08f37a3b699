import express from 'express';
import { threaded } from 'offloop';

const app = express();
app.locals.factor = 3;
const scale = threaded((n) => n * app.locals.factor);
app.get('/:n', (req, res, next) => scale(Number(req.params.n)).then((v) => res.send(String(v)), next));
app.use((error, _req, res, _next) => res.status(500).send(`${error.code} ${error.message}`));

const server = app.listen(0, async () => {
  const res = await fetch(`http://localhost:${server.address().port}/5`);
  console.log(res.status, await res.text());
  server.closeAllConnections();
  server.close();
});

//! refused ERR_OFFLOOP_CAPTURE app
//> 200 15
//* listen

import http from 'node:http';
import { threaded } from 'offloop';

function serve(handlers) {
  const server = http.createServer(async (req, res) => {
    const handler = handlers[req.url.slice(1)];
    res.end(handler ? String(await handler(20)) : 'none');
  });
  server.listen(0, async () => {
    console.log('serving');
    for (const path of ['a', 'b', 'c']) {
      console.log(await (await fetch(`http://localhost:${server.address().port}/${path}`)).text());
    }
    server.closeAllConnections();
    server.close();
  });
}

serve({ a: threaded((n) => n + 1), b: threaded((n) => n * 2) });

//! works
//> serving
//> 21
//> 40
//> none
//* listen

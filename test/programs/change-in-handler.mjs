import http from 'node:http';
import { threaded } from 'offloop';

const sessions = new Map();
const online = threaded(() => sessions.size);

const server = http.createServer(async (req, res) => {
  sessions.set(req.url, true);
  try {
    res.end(String(await online()));
  } catch (error) {
    res.writeHead(500).end(`${error.code}: ${error.message}`);
  }
});
server.listen(0, async () => {
  console.log(await (await fetch(`http://localhost:${server.address().port}/a`)).text());
  server.closeAllConnections();
  server.close();
});

//! refused ERR_OFFLOOP_CAPTURE sessions
//> 1
//* listen

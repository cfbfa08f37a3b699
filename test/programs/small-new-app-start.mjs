import { createServer } from 'node:http';
import { threaded } from 'offloop';

//#region jobs
class App {
  static version = 4;
  start() {
    this.server = createServer((_req, res) => f().then((v) => res.end(String(v))));
    this.server.listen(0, async () => {
      console.log('started');
      console.log(await (await fetch(`http://localhost:${this.server.address().port}`)).text());
      this.server.closeAllConnections();
      this.server.close();
    });
  }
}
const f = threaded(() => App.version);
//#endregion

new App().start();

//! works
//> started
//> 4
//* listen

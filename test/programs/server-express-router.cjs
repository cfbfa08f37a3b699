const express = require('express');
const { threaded } = require('offloop');

//#region jobs
const stats = { requests: 0 };
const pbkdf = threaded(function pbkdf(password, rounds) {
  return require('node:crypto').pbkdf2Sync(password, 'salt', rounds, 8, 'sha256').toString('hex');
});
//#endregion

const router = express.Router();
router.use((req, res, next) => {
  stats.requests += 1;
  next();
});
router.get('/key', (req, res, next) => {
  pbkdf(req.query.p, 10).then((key) => res.send(key), next);
});

const app = express();
app.set('json spaces', 2);
app.use('/api', router);
app.get('/stats', (req, res) => res.json(stats));

if (require.main === module) {
  const server = app.listen(0, async () => {
    const url = `http://127.0.0.1:${server.address().port}`;
    console.log(await (await fetch(`${url}/api/key?p=a`)).text());
    console.log(await (await fetch(`${url}/stats`)).json());
    server.closeAllConnections();
    server.close();
  });
}

module.exports = app;

//! works
//> 5fbcea2463af5ba1
//> { requests: 1 }
//* listen

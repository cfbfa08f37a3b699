const fs = require('node:fs');
const { threaded } = require('offloop');

const lines = [];
const count = threaded(() => lines.length > 0);

fs.readFile(__filename, 'utf8', (error, text) => {
  if (error) throw error;
  lines.push(...text.split('\n'));
  count().then(console.log);
});

//! refused ERR_OFFLOOP_CAPTURE lines
//> true

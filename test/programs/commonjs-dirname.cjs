const fs = require('fs');
const path = require('path');
const { threaded } = require('offloop');

const self = path.join(__dirname, path.basename(__filename));
const lines = threaded(() => fs.readFileSync(self, 'utf8').includes('readFileSync'));

lines().then(console.log, console.error);


//! works
//> true

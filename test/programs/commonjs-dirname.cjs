const fs = require('fs');
const path = require('path');
const { threaded } = require('offloop');

//#region jobs
const self = path.join(__dirname, path.basename(__filename));
const lines = threaded(() => fs.readFileSync(self, 'utf8').includes('readFileSync'));
//#endregion

lines().then(console.log, console.error);

//! works
//> true

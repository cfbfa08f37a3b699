import readline from 'node:readline';
import { threaded } from 'offloop';

//#region jobs
const square = threaded((n) => n * n);
//#endregion

const rl = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: '> ', terminal: false });
const answers = [];
rl.prompt();
rl.on('line', (line) => {
  answers.push(square(Number(line)));
  rl.prompt();
});
rl.on('close', async () => {
  console.log();
  for (const answer of answers) console.log(await answer);
  console.log('bye');
});

//! works
//! stdin "4\n5\n"
//> > > >
//> 16
//> 25
//> bye

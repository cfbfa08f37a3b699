import { threaded } from 'offloop';

//#region jobs
const commands = {
  upper: threaded((text) => text.toUpperCase()),
  lower: threaded((text) => text.toLowerCase()),
};
//#endregion

commands.both = async (text) => `${await commands.upper(text)}${await commands.lower(text)}`;

const [name, text] = process.argv.slice(2);
console.log(await commands[name](text));

//! works
//! args both Ab
//> ABab

import { threaded } from 'offloop';

//#region jobs
const plugins = [];
const use = (plugin) => plugins.push(plugin);

const trim = { name: 'trim', run: (s) => s.trim() };
const upper = { name: 'upper', run: (s) => s.toUpperCase() };
for (const plugin of [trim, upper]) use(plugin);
use({ name: 'bang', run: (s) => `${s}!` });

const apply = threaded((text) => plugins.reduce((s, plugin) => plugin.run(s), text));
//#endregion

console.log(plugins.map((p) => p.name).join());
console.log(await apply('  hello '));

//! works
//> trim,upper,bang
//> HELLO!

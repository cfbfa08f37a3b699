import _ from 'lodash';
import { threaded } from 'offloop';

const settings = { theme: 'light' };
const theme = threaded(() => settings.theme);

async function main() {
  _.set(settings, 'theme', 'dark');
  console.log(await theme());
}
await main();

//! refused ERR_OFFLOOP_CAPTURE settings
//> dark

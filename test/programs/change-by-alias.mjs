import { threaded } from 'offloop';

const settings = { theme: 'light' };
const theme = threaded(() => settings.theme);

function apply(target, patch) {
  for (const [key, value] of Object.entries(patch)) target[key] = value;
}
async function main() {
  const current = settings;
  apply(current, { theme: 'dark' });
  console.log(await theme());
}
main();

//! refused ERR_OFFLOOP_CAPTURE settings
//> dark

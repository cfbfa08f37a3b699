import { threaded } from 'offloop';

const config = {};
const depth = threaded(() => config.depth ?? 'unset');

function init(options) {
  Object.assign(config, options);
}

async function main() {
  init({ depth: 5 });
  console.log(await depth());
}

await main();

//! refused ERR_OFFLOOP_CAPTURE config
//> 5

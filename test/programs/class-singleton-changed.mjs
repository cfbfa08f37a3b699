import { threaded } from 'offloop';

class Settings {
  static instance = new Settings();
  lang = 'en';
}

const show = threaded(() => Settings.instance.lang);

async function main(lang) {
  Settings.instance.lang = lang;
  console.log(await show());
}
await main('fr');

//! refused ERR_OFFLOOP_CAPTURE Settings
//> fr

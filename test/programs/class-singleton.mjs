import { threaded } from 'offloop';

//#region jobs
class Settings {
  static #instance;
  static get instance() {
    return (this.#instance ??= new Settings());
  }
  #values = { lang: 'en' };
  set(name, value) {
    this.#values[name] = value;
    return this;
  }
  get(name) {
    return this.#values[name];
  }
}
Settings.instance.set('unit', 'cm').set('lang', 'de');

const show = threaded((n) => `${n} ${Settings.instance.get('unit')} ${Settings.instance.get('lang')}`);
//#endregion

console.log(Settings.instance.get('lang'));
console.log(await show(4));

//! works
//> de
//> 4 cm de

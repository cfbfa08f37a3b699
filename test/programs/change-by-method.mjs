import { threaded } from 'offloop';

class Counter {
  #n = 0;
  add(by) {
    this.#n += by;
  }
  get value() {
    return this.#n;
  }
}
const counter = new Counter();
const value = threaded(() => counter.value);

const main = async () => {
  counter.add(2);
  console.log(await value());
};
main();

//! refused ERR_OFFLOOP_CAPTURE counter
//> 2

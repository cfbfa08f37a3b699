import { threaded } from 'offloop';

//#region jobs
class Queue {
  #running = 0;
  #waiting = [];
  constructor(width) {
    this.width = width;
  }
  add(task) {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => task().then(resolve, reject));
      this.#next();
    });
  }
  #next() {
    if (this.#running >= this.width) return;
    const task = this.#waiting.shift();
    if (!task) return;
    this.#running += 1;
    task().finally(() => {
      this.#running -= 1;
      this.#next();
    });
  }
}

const queue = new Queue(2);
const square = threaded((n) => n * n);
//#endregion

const results = await Promise.all([1, 2, 3, 4].map((n) => queue.add(() => square(n))));
console.log(results);

//! works
//> [ 1, 4, 9, 16 ]

import { threaded } from 'offloop';

abstract class Animal {
  protected constructor(
    readonly name: string,
    private readonly sound = 'nothing',
  ) {}
  say(): string {
    return `${this.name} says ${this.sound}`;
  }
}

class Cow extends Animal {
  constructor(name: string) {
    super(name, 'moo');
  }
}

const speak = threaded((name: string) => new Cow(name).say());

const herd = ['one', 'two'].map((name) => new Cow(name));
console.log(herd.length);
console.log(await Promise.all(herd.map((cow) => speak(cow.name))));

//! works
//> 2
//> [ 'one says moo', 'two says moo' ]

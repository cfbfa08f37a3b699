import { threaded } from 'offloop';

class Scale {
  static factor = 3;
}

class Query extends Scale {
  @threaded({ timeout: 10_000 })
  static async run(n: number): Promise<number> {
    return n * this.factor;
  }
}

console.log(await Query.run(14));

//! works
//> 42

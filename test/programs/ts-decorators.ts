import { threaded } from 'offloop';

const made: string[] = [];

function logged<T extends new (...args: never[]) => object>(type: T, context: ClassDecoratorContext<T>): T {
  made.push(String(context.name));
  return type;
}

@logged
class Statistics {
  static readonly unit = 'ms';

  @threaded
  static async mean(values: readonly number[]): Promise<string> {
    return `${values.reduce((a, b) => a + b, 0) / values.length} ${this.unit}`;
  }

  @threaded
  static async *running(values: readonly number[]): AsyncGenerator<number> {
    let sum = 0;
    for (const value of values) yield (sum += value);
  }
}

console.log(await Statistics.mean([1, 2, 3]));
for await (const sum of Statistics.running([1, 2, 3])) console.log(sum);
console.log(made);

//! works
//> 2 ms
//> 1
//> 3
//> 6
//> [ 'Statistics' ]

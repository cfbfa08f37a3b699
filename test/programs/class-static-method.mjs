import { threaded } from 'offloop';

//#region jobs
class Matrix {
  static #cells = 4;
  static size = 2;
  static identity() {
    return Array.from({ length: this.size }, (_, y) => Array.from({ length: this.size }, (_, x) => (x === y ? 1 : 0)));
  }
  static trace(matrix) {
    let sum = 0;
    for (let i = 0; i < matrix.length; i += 1) sum += matrix[i][i];
    return sum + Matrix.#cells;
  }
}
const trace = threaded((matrix) => Matrix.trace(matrix));
//#endregion

console.log(Matrix.identity());
console.log(await trace([[1, 2], [3, 4]]));

//! works
//> [ [ 1, 0 ], [ 0, 1 ] ]
//> 9

import { threaded } from 'offloop';

//#region jobs
const registry = new Map();
class Shape {
  static register(type) {
    registry.set(type.name, type);
    return type;
  }
  area() {
    return 0;
  }
}
class Square extends Shape {
  constructor(a) {
    super();
    this.a = a;
  }
  area() {
    return this.a ** 2;
  }
}
class Circle extends Shape {
  constructor(r) {
    super();
    this.r = r;
  }
  area() {
    return Math.round(Math.PI * this.r ** 2);
  }
}
Shape.register(Square);
Shape.register(Circle);

const area = threaded((name, size) => new (registry.get(name))(size).area());
//#endregion

console.log([...registry.keys()]);
for (const name of registry.keys()) console.log(name, await area(name, 3));

//! works
//> [ 'Square', 'Circle' ]
//> Square 9
//> Circle 28

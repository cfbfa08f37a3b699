import { threaded } from 'offloop';

//#region jobs
const a = [];
const b = {};
const c = new Map();
const d = [3, 1, 2];
let e = 1;
let f = 2;
const g = { n: 1, deep: { list: [] } };
const h = new Set([1, 2]);

a['push'](1);
a.push?.(2);
Array.prototype.push.apply(a, [3]);
Reflect.apply(a.push, a, [4]);
for (const key in { x: 1, y: 2 }) b[key] = key.length;
({ z: b.z = 9 } = {});
c.set('k', 1).set('l', 2);
true && c.set('m', 3);
c.size > 2 ? c.delete('k') : c.clear();
d.sort().reverse();
[e, f] = [f, e];
g.n += 1, g.n++;
g.deep.list[2] = 'x';
delete g.gone;
h.delete(1);
if (h.size === 1) {
  h.add(7);
} else {
  h.clear();
}

const all = threaded(() => JSON.stringify([a, b, [...c], d, e, f, g, [...h]]));
//#endregion

console.log(await all());

//! works
//> [[1,2,3,4],{"x":1,"y":1,"z":9},[["l",2],["m",3]],[3,2,1],2,1,{"n":3,"deep":{"list":[null,null,"x"]}},[2,7]]

var __defProp = Object.defineProperty;
var __name = (target, value) => __defProp(target, "name", { value, configurable: true });
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/shapes.ts
var shapes_exports = {};
__export(shapes_exports, {
  area: () => area,
  names: () => names
});
var names = /* @__PURE__ */ new Map([["sq", "square"]]);
names.set("ci", "circle");
function area(kind, size) {
  return kind === "sq" ? size * size : Math.round(Math.PI * size * size);
}
__name(area, "area");

// src/main.ts
import { threaded } from "offloop";
var describe = threaded(/* @__PURE__ */ __name(function describe2(kind, size) {
  return `${shapes_exports.names.get(kind)} ${shapes_exports.area(kind, size)}`;
}, "describe"));
async function main() {
  console.log(Object.keys(shapes_exports).join());
  console.log(await describe("sq", 3), await describe("ci", 1));
}
__name(main, "main");
await main();
export {
  describe
};

//! works
//> area,names
//> square 9 circle 3

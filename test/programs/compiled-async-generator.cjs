"use strict";
var __await = (this && this.__await) || function (v) { return this instanceof __await ? (this.v = v, this) : new __await(v); }
var __asyncValues = (this && this.__asyncValues) || function (o) {
    if (!Symbol.asyncIterator) throw new TypeError("Symbol.asyncIterator is not defined.");
    var m = o[Symbol.asyncIterator], i;
    return m ? m.call(o) : (o = typeof __values === "function" ? __values(o) : o[Symbol.iterator](), i = {}, verb("next"), verb("throw"), verb("return"), i[Symbol.asyncIterator] = function () { return this; }, i);
    function verb(n) { i[n] = o[n] && function (v) { return new Promise(function (resolve, reject) { v = o[n](v), settle(resolve, reject, v.done, v.value); }); }; }
    function settle(resolve, reject, d, v) { Promise.resolve(v).then(function(v) { resolve({ value: v, done: d }); }, reject); }
};
const { threadedIterable } = require("offloop");
const squares = threadedIterable(function* squares(n) {
    for (let i = 0; i < n; i++) yield i * i;
});
(() => {
    var _a, e_1;
    (async () => {
        try {
            for (var _d = true, squares_1 = __asyncValues(squares(4)), squares_1_1; squares_1_1 = await squares_1.next(), _a = squares_1_1.done, !_a; _d = true) {
                _d = false;
                console.log(squares_1_1.value);
            }
        } catch (e) { e_1 = { error: e }; }
        finally { if (e_1) throw e_1.error; }
    })();
})();

//! works
//> 0
//> 1
//> 4
//> 9

(function (factory) {
  if (typeof module === 'object' && typeof module.exports === 'object') {
    var v = factory(require, exports);
    if (v !== undefined) module.exports = v;
  } else if (typeof define === 'function' && define.amd) {
    define(['require', 'exports', 'offloop'], factory);
  }
})(function (require, exports) {
  'use strict';
  Object.defineProperty(exports, '__esModule', { value: true });
  exports.add = void 0;
  const offloop_1 = require('offloop');
  const offset = 10;
  exports.add = (0, offloop_1.threaded)((n) => n + offset);
  console.log('factory');
  exports.add(1).then((value) => console.log(value));
});

//! refused ERR_OFFLOOP_NOT_FOUND
//> factory
//> 11

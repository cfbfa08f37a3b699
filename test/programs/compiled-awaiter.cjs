"use strict";
var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.work = void 0;
exports.main = main;
const offloop_1 = require("offloop");
const node_crypto_1 = require("node:crypto");
var Algorithm;
(function (Algorithm) {
    Algorithm["Sha"] = "sha1";
    Algorithm["Md"] = "md5";
})(Algorithm || (Algorithm = {}));
exports.work = (0, offloop_1.threaded)((text) => (0, node_crypto_1.createHash)(Algorithm.Md).update(text).digest("hex"));
function main() {
    return __awaiter(this, void 0, void 0, function* () {
        console.log("algorithms", Object.keys(Algorithm).length);
        console.log(yield (0, exports.work)("a"));
    });
}
main().catch((error) => {
    console.error(error);
    process.exit(1);
});

//! works
//> algorithms 2
//> 0cc175b9c0f1b6a831c399e269772661

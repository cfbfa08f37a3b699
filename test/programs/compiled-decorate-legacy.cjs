"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
Object.defineProperty(exports, "__esModule", { value: true });
const { threaded } = require("offloop");
const injectables = new Map();
function Injectable(name) {
    return (target) => {
        injectables.set(name, target);
    };
}
let Clock = class Clock {
    now() { return 7; }
};
Clock = __decorate([Injectable('clock')], Clock);
let Report = class Report {
    constructor() { this.clock = new (injectables.get('clock'))(); }
    line(text) { return `${this.clock.now()}: ${text}`; }
};
Report = __decorate([Injectable('report')], Report);
const line = threaded((text) => new (injectables.get('report'))().line(text));
console.log([...injectables.keys()]);
line('hello').then((text) => console.log(text));

//! works
//> [ 'clock', 'report' ]
//> 7: hello

var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { threaded } from 'offloop';
const injectables = [];
const Injectable = (target) => void injectables.push(target.name);
let Sums = class Sums {
    static start = 10;
    static async upTo(n) {
        let sum = this.start;
        for (let i = 1; i <= n; i += 1)
            sum += i;
        return sum;
    }
};
__decorate([
    threaded
], Sums, "upTo", null);
Sums = __decorate([
    Injectable
], Sums);
console.log(injectables);
Sums.upTo(4).then((sum) => console.log(sum));

//! works
//> [ 'Sums' ]
//> 20

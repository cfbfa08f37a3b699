import { threaded } from 'offloop';

const format = new Intl.NumberFormat('en', { minimumFractionDigits: 2 });
const day = new Date(Date.UTC(2024, 1, 29));
console.log(day.toISOString().slice(0, 10), format.format(2), day.toLocaleDateString('en', { timeZone: 'UTC' }));

const report = threaded((n) => `${day.getUTCDate()} ${format.format(n)}`);
console.log(await report(3));

//! works
//> 2024-02-29 2.00 2/29/2024
//> 29 3.00

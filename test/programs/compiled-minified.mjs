import{threaded as t}from"offloop";var e=new Map,r=n=>{e.set(n.id,n)};[{id:"a",w:1},{id:"b",w:2}].forEach(r);var o=t(n=>e.get(n)?.w??0),a=t(function(n){return n.split("").reverse().join("")});async function s(n){for(let i of n)console.log(i,await o(i),await a(i+"x"))}s(["a","b","c"]).catch(n=>{console.error(n),process.exit(1)});export{o as weight};

//! works
//> a 1 xa
//> b 2 xb
//> c 0 xc

import { threaded } from 'offloop';

//#region jobs
const store = {
  state: { count: 1 },
  set(patch) {
    this.state = { ...this.state, ...patch };
  },
};
store.set({ unit: 'kg' });

const show = threaded((n) => `${n * store.state.count} ${store.state.unit}`);
//#endregion

console.log(await show(3));

//! works
//> 3 kg

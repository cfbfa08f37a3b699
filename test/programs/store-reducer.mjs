import { threaded } from 'offloop';

function createStore(reducer, initial) {
  let state = initial;
  const listeners = new Set();
  return {
    getState: () => state,
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    dispatch(action) {
      state = reducer(state, action);
      for (const fn of listeners) fn(state);
    },
  };
}

const store = createStore((state, action) => ({ ...state, [action.type]: action.value }), { a: 0 });
store.subscribe((state) => console.log('state', JSON.stringify(state)));
store.dispatch({ type: 'a', value: 1 });
store.dispatch({ type: 'b', value: 2 });

const sum = threaded((state) => Object.values(state).reduce((x, y) => x + y, 0));
console.log(await sum(store.getState()));

//! works
//> state {"a":1}
//> state {"a":1,"b":2}
//> 3

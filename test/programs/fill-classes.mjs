import { threaded } from 'offloop';

//#region jobs
class Model {
  static fields = [];
  static #secret = 1;
  static field(name) {
    this.fields.push(name);
    Model.#secret += 1;
    return this;
  }
  static get secret() {
    return Model.#secret;
  }
}
class User extends Model {
  static fields = ['id'];
}
Model.field('a').field('b');
User.field('name');
User.prototype.greet = function () {
  return `hi ${this.name}`;
};
Object.assign(Model.prototype, { kind: 'model' });
Object.setPrototypeOf(User.prototype, Object.assign(Object.create(Model.prototype), { extra: 1 }));
Object.defineProperties(User, { table: { value: 'users' } });

const all = threaded(() => {
  const user = Object.assign(new User(), { name: 'u' });
  return JSON.stringify([Model.fields, User.fields, Model.secret, user.greet(), user.kind, user.extra, User.table]);
});
//#endregion

console.log(await all());

//! works
//> [["a","b"],["id","name"],4,"hi u","model",1,"users"]

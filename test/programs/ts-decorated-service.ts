import { threaded } from 'offloop';

type Route = { path: string; method: string };
const routes: Route[] = [];

function get(path: string) {
  return function (_method: unknown, context: ClassMethodDecoratorContext): void {
    routes.push({ path, method: String(context.name) });
  };
}

class Api {
  @get('/sum')
  async sum(a: number, b: number): Promise<number> {
    return Api.add(a, b);
  }

  @get('/twice')
  async twice(a: number): Promise<number> {
    return Api.add(a, a);
  }

  @threaded({ timeout: 20_000 })
  static async add(a: number, b: number): Promise<number> {
    return a + b;
  }
}

const api = new Api();
console.log(routes.map((route) => route.path).join());
console.log(await api.sum(1, 2), await api.twice(4));

//! works
//> /sum,/twice
//> 3 8

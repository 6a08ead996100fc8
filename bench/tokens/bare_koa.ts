/**
 * What Koa alone can do: the bytes of a file as the answer to everything, behind so many filters that do nothing.
 * Arguments: PORT FILTERS FILE
 */
import { readFileSync } from 'node:fs';
import Koa from 'koa';

const [port = '0', filters = '0', file = ''] = process.argv.slice(2);
const body = readFileSync(file);
const app = new Koa();
for (let number = 0; number < Number(filters); number += 1) app.use((_ctx, next) => next());
app.use((ctx) => {
  ctx.type = 'application/json';
  ctx.body = body;
});
app.listen(Number(port), '127.0.0.1');

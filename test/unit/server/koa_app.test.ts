import { expect } from 'chai';
import type { Middleware } from 'koa';
import { requestContext } from '../../../src/common/context.js';
import { RoleNotFound } from '../../../src/common/errors.js';
import { koaHandler } from '../../../src/server/koa_app.js';
import { type ProbeAnswer, ProbeError, probe } from '../../../src/server/probe.js';

function serve(pipeline: Middleware): Promise<ProbeAnswer> {
  return probe('main', koaHandler(pipeline, { insecureDebug: false, publicEndpoint: null, silent: true }));
}

async function failure(pipeline: Middleware): Promise<Error> {
  return serve(pipeline).then(
    () => new Error('answered'),
    (error: Error) => error,
  );
}

describe('the Koa application around a pipeline', () => {
  it('answers what the pipeline answers', async () => {
    const answer = await serve((ctx) => {
      ctx.status = 300;
      ctx.body = { path: ctx.path, host: ctx.host };
    });
    expect(answer).to.deep.equal({ status: 300, body: '{"path":"/","host":"localhost"}' });
  });

  it("answers the API's 404 where nothing else did", async () => {
    const answer = await serve((_ctx, next) => next());
    expect(answer.status).to.equal(404);
    expect(JSON.parse(answer.body)).to.deep.equal({
      error: { message: 'The resource could not be found.', code: 404, title: 'Not Found' },
    });
  });

  it('answers an error of the catalogue that nobody caught', async () => {
    const answer = await serve(() => {
      throw new RoleNotFound({ role_id: 'r' });
    });
    expect(answer.status).to.equal(404);
    expect(JSON.parse(answer.body)).to.have.nested.property('error.message', 'Could not find role: r');
  });

  it("answers ctx.throw of a deployer's filter as the API's error", async () => {
    const answer = await serve((ctx) => ctx.throw(429, 'Slow down'));
    expect(answer.status).to.equal(429);
    expect(JSON.parse(answer.body)).to.deep.equal({
      error: { message: 'Slow down', code: 429, title: 'Too Many Requests' },
    });
  });

  it('tells nobody outside why it failed', async () => {
    const error = await failure(() => Promise.reject(new Error('the password of the database')));
    expect(error).to.be.instanceOf(ProbeError);
    expect(error.message).to.match(/^"main" answers GET \/ with status 500/);
    expect(error.message).to.not.contain('password');
  });

  it('keeps large answers whole, also over the streams of the probe', async () => {
    const big = 'x'.repeat(3_000_000);
    const answer = await serve((ctx) => {
      ctx.body = big;
    });
    expect(answer.body).to.equal(big);
  });

  it('has one request context for filters and log', async () => {
    const answer = await serve((ctx) => {
      requestContext(ctx).requestId = 'req-9';
      ctx.body = String(requestContext(ctx).requestId);
    });
    expect(answer.body).to.equal('req-9');
  });
});

/** A Koa context as the handlers of a route table see it. */
import type { ParameterizedContext } from 'koa';
import type { JsonObject, PolicyAuthority, RequestContext } from '../context.js';
import { NotFound } from '../errors.js';
import { buildTarget } from '../policy/index.js';
import type { BaseUrl } from './base_url.js';
import { readBody } from './body.js';
import { Links } from './links.js';
import { QueryParams } from './query.js';
import type { ApiRequest, HttpMethod, TargetMembers } from './types.js';

const EMPTY_BODY: JsonObject = Object.freeze({});
const NO_BYTES = Buffer.alloc(0);
/** Bodies read here are OAuth 1.0a forms: small. The `sizelimit` filter, where it stands, is stricter or not. */
const RAW_BODY_LIMIT = 114_688;

export class KoaApiRequest implements ApiRequest {
  readonly query: QueryParams;
  rawBody: Buffer = NO_BYTES;
  private cachedLinks: Links | undefined;

  /** @throws NotFound when a path value holds a NUL; ValidationError when the query is not UTF-8 */
  constructor(
    private readonly ctx: ParameterizedContext,
    readonly context: RequestContext,
    readonly params: Readonly<Record<string, string>>,
    private readonly baseUrl: BaseUrl,
    private readonly policy: PolicyAuthority,
  ) {
    for (const name in params) {
      if (params[name]?.includes('\0')) throw new NotFound('The resource could not be found.');
    }
    this.query = QueryParams.parse(ctx.querystring);
  }

  get method(): HttpMethod {
    return this.ctx.method as HttpMethod;
  }

  get body(): JsonObject {
    return this.context.body ?? EMPTY_BODY;
  }

  get links(): Links {
    this.cachedLinks ??= new Links(this.baseUrl(this.ctx), this.ctx.path, this.ctx.querystring);
    return this.cachedLinks;
  }

  get remoteAddress(): string {
    return this.ctx.req.socket.remoteAddress ?? '';
  }

  header(name: string): string {
    return this.ctx.get(name);
  }

  async allows(rule: string, members: TargetMembers = {}): Promise<boolean> {
    const { auth, isAdmin, policy } = this.context;
    if (isAdmin) return true;
    if (auth === null) return false;
    // What a reading request says in a body is no part of its meaning.
    const body = this.method === 'GET' || this.method === 'HEAD' ? {} : this.body;
    const target = buildTarget({ path: this.params, body, member: members });
    return (policy ?? this.policy).current().allows(rule, target, auth.credentials);
  }

  /** Read the body for a route with `rawBody`. @throws RequestTooLarge; ValidationError when it breaks off */
  async readRawBody(): Promise<void> {
    this.rawBody = await readBody(this.ctx, RAW_BODY_LIMIT);
  }
}

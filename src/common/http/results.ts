/** Results of handlers, by what they mean. */
import type { ApiResult } from './types.js';

export function ok(body: object | string | Buffer, headers?: Readonly<Record<string, string>>): ApiResult {
  return headers === undefined ? { status: 200, body } : { status: 200, body, headers };
}

export function created(
  body: object | string | Buffer,
  headers?: Readonly<Record<string, string>>,
): ApiResult {
  return headers === undefined ? { status: 201, body } : { status: 201, body, headers };
}

const NO_CONTENT: ApiResult = { status: 204 };

export function noContent(): ApiResult {
  return NO_CONTENT;
}

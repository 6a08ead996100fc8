/** What applications are made from. Built once per process, but for the versions, which belong to one paste file. */
import type { PolicyAuthority } from '../common/context.js';
import type { BaseUrl } from '../common/http/base_url.js';
import type { ErrorRendering } from '../common/http/render.js';
import type { Route } from '../common/http/types.js';
import type { Conf } from '../conf/index.js';

export interface AppServices {
  readonly conf: Conf;
  /** The service's own policy; a `rbac` filter may put another in force. */
  readonly policy: PolicyAuthority;
  readonly rendering: ErrorRendering;
  /** `[DEFAULT] public_endpoint`, else the request's own. Links of v3 are always public ones. */
  readonly publicBaseUrl: BaseUrl;
  /** `[DEFAULT] admin_endpoint`, else the request's own. */
  readonly adminBaseUrl: BaseUrl;
  /** Routes of all subsystems under /v3, without those of extension filters. */
  readonly v3Routes: readonly Route[];
  /** Routes under /v2.0 of the public and of the admin application; empty where v2.0 has no back end. */
  readonly v2PublicRoutes: readonly Route[];
  readonly v2AdminRoutes: readonly Route[];
}

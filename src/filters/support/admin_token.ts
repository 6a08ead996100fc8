import type { IncomingHttpHeaders } from 'node:http';
import { equalText } from '../../common/crypto/constant_time.js';
import { textHeader } from './headers.js';

/** Whether a request carries the admin token; without one in the configuration none does. */
export function adminTokenCheck(adminToken: string | null): (headers: IncomingHttpHeaders) => boolean {
  if (adminToken === null || adminToken === '') return () => false;
  return (headers) => {
    const given = textHeader(headers, 'x-auth-token');
    return given !== null && equalText(given, adminToken);
  };
}

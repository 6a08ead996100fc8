/** A deployment's own paste file: the one of the package, rearranged. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Deployment } from './deployment.js';

const STOCK = fileURLToPath(new URL('../../paste/keystone-paste.ini', import.meta.url));

/** From the text of the package's paste file to the deployment's. */
export type Rearrange = (stock: string) => string;

export async function writePaste(deployment: Deployment, rearrange: Rearrange): Promise<void> {
  await writeFile(deployment.path('keystone-paste.ini'), rearrange(await readFile(STOCK, 'utf8')));
}

/** The admin token is accepted in all pipelines. */
export const withAdminToken: Rearrange = (stock) =>
  stock.replaceAll(' build_auth_context ', ' admin_token_auth build_auth_context ');

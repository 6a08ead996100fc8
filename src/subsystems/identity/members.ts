import type { GroupDriver } from './driver.js';

/** Members of many groups: at once where the driver can, else group by group. */
export async function membersOf(
  groups: GroupDriver,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = new Set(groupIds);
  if (groups.listUserIdsOf !== undefined) return groups.listUserIdsOf([...ids]);
  const members = new Map<string, readonly string[]>();
  for (const id of ids) members.set(id, await groups.listUserIds(id));
  return members;
}

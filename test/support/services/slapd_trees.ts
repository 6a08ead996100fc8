/** What test directories hold, as LDIF, and the schema for it. */

/** Passwords of people: `secret of <name>`. */
export const passwordOf = (name: string): string => `secret of ${name}`;

/** Classes with what Keystone's defaults expect, and those of an Active Directory, as far as it matters here. */
export const SCHEMA = `
attributetype ( 1.3.6.1.4.1.55555.1.1 NAME 'enabled' EQUALITY booleanMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.55555.1.2 NAME 'defaultProject' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.55555.1.3 NAME 'isLocked' EQUALITY booleanMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.55555.2.1 NAME 'cloudPerson' SUP inetOrgPerson STRUCTURAL
  MAY ( enabled $ defaultProject $ isLocked ) )
objectclass ( 1.3.6.1.4.1.55555.2.5 NAME 'cloudGroup' SUP top STRUCTURAL
  MUST cn MAY ( ou $ description $ member $ memberUid $ owner ) )
attributetype ( 1.3.6.1.4.1.55555.1.4 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.55555.1.5 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.55555.2.2 NAME 'adUser' SUP organizationalPerson STRUCTURAL
  MUST sAMAccountName MAY ( userAccountControl $ mail $ displayName ) )
objectclass ( 1.3.6.1.4.1.55555.2.3 NAME 'adGroup' SUP top STRUCTURAL
  MUST cn MAY ( sAMAccountName $ description $ member ) )
`;

type Attributes = Readonly<Record<string, string | number | readonly string[]>>;

/** An entry; everything goes as base64, so that names may hold anything. */
function entry(dn: string, attributes: Attributes): string {
  const lines = [`dn:: ${base64(dn)}`];
  for (const [name, values] of Object.entries(attributes)) {
    for (const value of Array.isArray(values) ? values : [values])
      lines.push(`${name}:: ${base64(String(value))}`);
  }
  return `${lines.join('\n')}\n\n`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function place(name: string, suffix: string): string {
  return entry(`ou=${name},${suffix}`, { objectClass: 'organizationalUnit', ou: name });
}

/** @param people how many there are in ou=People */
export function* exampleTree(suffix: string, people: number): Generator<string> {
  const dc = /^dc=([^,]+)/.exec(suffix)?.[1] ?? '';
  yield entry(suffix, { objectClass: ['dcObject', 'organization'], dc, o: 'Example' });
  for (const name of ['Users', 'UserGroups', 'People', 'Teams', 'Projects', 'Roles'])
    yield place(name, suffix);
  const pad = (number: number): string => String(number).padStart(6, '0');
  for (let number = 0; number < people; number += 1) {
    const name = `p${pad(number)}`;
    yield entry(`cn=${name},ou=People,${suffix}`, {
      objectClass: 'inetOrgPerson',
      cn: name,
      sn: `person ${pad(number)}`,
      mail: `${name}@example.org`,
      userPassword: passwordOf(name),
    });
  }
  for (let first = 0; first < people; first += 1000) {
    const size = Math.min(1000, people - first);
    const member = Array.from(
      { length: size },
      (_, offset) => `cn=p${pad(first + offset)},ou=People,${suffix}`,
    );
    const name = `team${first / 1000}`;
    yield entry(`cn=${name},ou=Teams,${suffix}`, { objectClass: 'groupOfNames', cn: name, ou: name, member });
  }
}

/** People as in Active Directory: named by what they are called, known by `sAMAccountName`; 514 is disabled. */
export function* adTree(suffix: string): Generator<string> {
  const dc = /^dc=([^,]+)/.exec(suffix)?.[1] ?? '';
  yield entry(suffix, { objectClass: ['dcObject', 'organization'], dc, o: 'AD' });
  for (const name of ['Staff', 'Cloud']) yield place(name, suffix);
  yield place('Berlin', `ou=Staff,${suffix}`);
  const inCloud = (name: string): string => `CN=${name},ou=Cloud,${suffix}`;
  const person = (rdn: string, where: string, account: string, control: number, groups: string[]): string =>
    entry(`CN=${rdn},${where}`, {
      objectClass: 'adUser',
      cn: rdn.replaceAll('\\', ''),
      sn: account,
      sAMAccountName: account,
      userAccountControl: control,
      mail: `${account}@ad.example.org`,
      userPassword: passwordOf(account),
      // The overlay that keeps it does not see what is loaded.
      ...(groups.length > 0 && { memberOf: groups.map(inCloud) }),
    });
  const staff = `ou=Staff,${suffix}`;
  const berlin = `ou=Berlin,${staff}`;
  yield person('Doe\\, Jane', staff, 'jdoe', 512, ['cloud-users', 'cloud-admins']);
  yield person('Roe Richard', berlin, 'rroe', 66048, ['cloud-users']);
  yield person('Old Otto', berlin, 'ootto', 514, ['cloud-users']);
  yield person('Out Sider', staff, 'osider', 512, []);
  const group = (name: string, member: readonly string[]): string =>
    entry(inCloud(name), { objectClass: 'adGroup', cn: name, sAMAccountName: name, member });
  yield group('cloud-users', [
    `CN=Doe\\, Jane,${staff}`,
    `CN=Roe Richard,${berlin}`,
    `CN=Old Otto,${berlin}`,
  ]);
  yield group('cloud-admins', [`CN=Doe\\, Jane,${staff}`]);
}

/**
 * The file of the templated catalog: lines `catalog.REGION.SERVICE.KEY = VALUE`, all others are passed over.
 * Source: `[catalog] template_file`.
 */

/** Keys and values of one service in one region; keys that end in `URL` are its endpoints. */
export type TemplateService = ReadonlyMap<string, string>;
/** Services by type, by region, both in the order of the file. */
export type Templates = ReadonlyMap<string, ReadonlyMap<string, TemplateService>>;

const LINE = /^(catalog\..*?) = (.*)$/;

/**
 * @param file named in errors
 * @throws Error with file and line for a key that does not name region, service and key
 */
export function parseTemplates(text: string, file: string): Templates {
  const regions = new Map<string, Map<string, Map<string, string>>>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, name, value] = LINE.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) continue;
    const [, region, service, key] = name.split('.');
    if (region === undefined || service === undefined || key === undefined) {
      throw new Error(`${file}:${index + 1}: expected catalog.REGION.SERVICE.KEY = VALUE, found ${name}`);
    }
    const services = getOrAdd(regions, region, () => new Map<string, Map<string, string>>());
    // Types of services are written with dashes (object-store), which keys of this file are not.
    const keys = getOrAdd(services, service.replaceAll('_', '-'), () => new Map<string, string>());
    keys.set(key, value);
  }
  return regions;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Write etc/keystone.conf.sample anew: `node --import tsx scripts/generate_sample.ts`. */
import { writeFileSync } from 'node:fs';
import { sampleText } from '../src/conf/sample.js';

writeFileSync(new URL('../etc/keystone.conf.sample', import.meta.url), sampleText());

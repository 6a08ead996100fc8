import { expect } from 'chai';
import { stampKeyFiles } from '../../../../src/common/crypto/key_files.js';
import { holdClock } from '../../../support/held_clock.js';
import { KeyFolder } from './key_folder.js';

describe('what a key repository looks like', () => {
  it('counts as settled by the time before it was looked at, however long the process was stopped then', async () => {
    const folder = await KeyFolder.create();
    const clock = holdClock();
    try {
      await folder.put('0');
      const looking = stampKeyFiles(folder.path);
      clock.advance(10_000);
      expect((await looking).settled).to.equal(false);
      // By then a further change would show.
      expect((await stampKeyFiles(folder.path)).settled).to.equal(true);
    } finally {
      clock.release();
      await folder.remove();
    }
  });
});

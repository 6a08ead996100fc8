import { expect } from 'chai';
import { progressLines } from '../../../src/cmd/progress.js';
import { type HeldClock, holdClock } from '../../support/held_clock.js';

describe('lines of progress', () => {
  let clock: HeldClock;
  beforeEach(() => {
    clock = holdClock();
  });
  afterEach(() => clock.release());

  it('come now and then, not for each step, beside the result', () => {
    const notes: string[] = [];
    const output = { line: () => expect.fail('not a result'), note: (text: string) => void notes.push(text) };
    const report = progressLines(output, 30);
    let made = 0;
    for (let turn = 1; turn <= 1000; turn += 1) {
      clock.advance(1);
      report(() => `${turn}: ${++made}`);
    }
    expect(notes).to.have.length(33);
    expect(notes.slice(0, 2)).to.deep.equal(['30: 1', '60: 2']);
    expect(made).to.equal(33);
  });

  it('are none while a command is quick', () => {
    const output = { line: () => undefined, note: () => expect.fail('too early') };
    const report = progressLines(output);
    for (let turn = 0; turn < 10; turn += 1) report(() => 'x');
  });
});

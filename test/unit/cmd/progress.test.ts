import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { progressLines } from '../../../src/cmd/progress.js';

describe('lines of progress', () => {
  it('come now and then, not for each step, beside the result', async () => {
    const notes: string[] = [];
    const output = { line: () => expect.fail('not a result'), note: (text: string) => void notes.push(text) };
    const report = progressLines(output, 30);
    let made = 0;
    const step = (): void => report(() => `${++made}`);
    for (let turn = 0; turn < 1000; turn += 1) step();
    await sleep(40);
    for (let turn = 0; turn < 3; turn += 1) step();
    // On a slow machine a thousand steps may take longer than one pause, yet never a thousand of them.
    expect(notes.length).to.be.within(1, 50);
    expect(made).to.equal(notes.length);
  });

  it('are none while a command is quick', () => {
    const output = { line: () => undefined, note: () => expect.fail('too early') };
    const report = progressLines(output);
    for (let turn = 0; turn < 10; turn += 1) report(() => 'x');
  });
});

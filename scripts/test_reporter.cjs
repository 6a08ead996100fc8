/** Mocha's spec output, and the real result as JSON in the file that TEST_RESULT_FILE names. */
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

class ResultReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const pending = [];
    runner.on(Runner.constants.EVENT_TEST_PENDING, (test) => pending.push(test.fullTitle()));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.TEST_RESULT_FILE;
      const { passes, failures } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending }));
    });
  }
}

module.exports = ResultReporter;

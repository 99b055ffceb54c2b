// Counting what passed and failed, for the closing line of `npm test` and `npm run test:asan`.

/** Named results of a run, and the sentence per failure that the summary repeats. */
export class Tally {
  passed = 0;

  /** @type {string[]} */
  failures = [];

  /**
   * Records one check.
   *
   * @param {string} name
   * @param {boolean} ok
   */
  check(name, ok) {
    if (ok) this.passed += 1;
    else this.failures.push(name);
  }

  /**
   * Adds the results that jest wrote with `--json --outputFile`.
   *
   * @param {JestReport | undefined} report undefined when jest wrote none
   * @param {number} status exit status of jest
   */
  addJest(report, status) {
    if (report === undefined) {
      this.failures.push('jest ended without a report');
      return;
    }
    this.passed += report.numPassedTests;
    const before = this.failures.length;
    for (const { test } of testsOf(report)) {
      if (test.status === 'failed') this.failures.push(test.fullName);
    }
    for (const suite of report.testResults) {
      if (suite.status === 'failed' && suite.assertionResults.length === 0) this.failures.push(suite.name);
    }
    if (status !== 0 && this.failures.length === before) this.failures.push(`jest (exit status ${status})`);
  }

  /** Prints the failures and the closing line, and sets the exit code. */
  finish() {
    if (this.failures.length > 0) {
      console.log('\nFailed:');
      for (const name of this.failures) console.log(`  ${name}`);
      process.exitCode = 1;
    }
    console.log(`\n${this.passed} passed, ${this.failures.length} failed`);
  }
}

/**
 * @typedef {{ fullName: string, title: string, status: string }} JestTest
 * @typedef {{ name: string, status: string, assertionResults: JestTest[] }} JestSuite
 * @typedef {{ numPassedTests: number, testResults: JestSuite[] }} JestReport
 */

/**
 * Every test of a report, with the path of its file.
 *
 * @param {JestReport} report
 * @returns {{ file: string, test: JestTest }[]}
 */
export function testsOf(report) {
  return report.testResults.flatMap((suite) =>
    suite.assertionResults.map((test) => ({ file: suite.name, test })),
  );
}

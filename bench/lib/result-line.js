'use strict';

const RESULT_MARK = '{"bench":';

function printResult(result) {
  process.stdout.write(`\n${RESULT_MARK}${JSON.stringify(result)}}\n`);
}

/** The result in the output of a side: clients may log to standard output, too. */
function readResult(output) {
  const line = output.split('\n').findLast((text) => text.startsWith(RESULT_MARK));
  return line ? JSON.parse(line).bench : null;
}

module.exports = { printResult, readResult };

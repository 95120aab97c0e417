'use strict';

// Formatters, linters, types and the package's shape.
//
//   npm run check                  all
//   npm run check -- eslint        some
//   npm run format                 repairs what formatters can repair

const { bootstrap } = require('./lib/build');
const { gateNames, runGates } = require('./lib/gates');
const { printFailure } = require('./lib/steps');

async function main() {
  const args = process.argv.slice(2);
  const fix = args.includes('--fix');
  const names = args.filter((name) => name !== '--fix');
  const unknown = names.find((name) => !gateNames.includes(name));
  if (unknown) {
    process.stderr.write(`Expected some of ${gateNames.join(', ')} but received ${unknown}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    // clang-tidy needs the compile commands and librdkafka's headers, the others no build.
    const needsBuild = !fix && (names.length === 0 || names.includes('clang-tidy'));
    await bootstrap(needsBuild ? ['build', 'check'] : ['check']);
    const results = await runGates({ fix, names });
    if (results.some(({ ok }) => !ok)) process.exitCode = 1;
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}

main();

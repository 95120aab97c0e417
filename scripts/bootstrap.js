'use strict';

// Makes a fresh clone ready to run: system packages, npm packages, librdkafka, the addon.
// Needs nothing but Node.js itself. A second run with nothing changed takes a fraction of a second.
//
//   node scripts/bootstrap.js                  what the examples need
//   node scripts/bootstrap.js --with tests     and what the tests need
//   node scripts/bootstrap.js --with check     and what `npm run check` needs

const { bootstrap } = require('./lib/build');
const { printFailure } = require('./lib/steps');

function parseStages(argv) {
  const stages = new Set(['build']);
  for (let at = 0; at < argv.length; at += 1) {
    const stage = argv[at + 1];
    if (argv[at] !== '--with' || !['tests', 'check'].includes(stage)) {
      throw new TypeError(
        `Expected --with tests or --with check for options but received ${argv[at]}`,
      );
    }
    stages.add(stage);
    at += 1;
  }
  return [...stages];
}

async function main() {
  let stages;
  try {
    stages = parseStages(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return;
  }
  const started = Date.now();
  try {
    const built = await bootstrap(stages);
    if (built)
      process.stderr.write(`Ready after ${Math.round((Date.now() - started) / 1000)} s.\n\n`);
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}

main();

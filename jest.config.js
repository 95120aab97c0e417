'use strict';

// The unit tests, which need no broker: `npx jest` runs them. The other suites have their own
// configurations in scripts/jest; `npm test` runs all.
module.exports = require('./scripts/jest/unit.config');

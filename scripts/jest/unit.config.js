'use strict';

// For what hangs: a machine with other work takes its time.
module.exports = require('./base').suite('unit', { testTimeout: 180_000 });

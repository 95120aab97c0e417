'use strict';

// Child processes and workers that start, end and crash: one file at a time keeps times honest.
module.exports = require('./base').suite('lifecycle', { testTimeout: 60_000, maxWorkers: 1 });

'use strict';

// Child processes and workers that start, end and crash: one file at a time keeps times honest.
module.exports = require('./base').suite('lifecycle', { testTimeout: 300_000, maxWorkers: 1 });

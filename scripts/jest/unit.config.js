'use strict';

module.exports = require('./base').suite('unit', { testTimeout: 10_000 });

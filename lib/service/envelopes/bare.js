'use strict';

// A payload and nothing around it.

const { flatEnvelope } = require('./flat');

const NOTHING = { type: null, id: null, time: null };

module.exports = flatEnvelope({ name: 'bare', matches: () => true, show: () => NOTHING });

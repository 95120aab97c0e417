'use strict';

const { CorrelationTracker } = require('./correlation-tracker');
const { tracedPublish, tracedProcess } = require('./spans');
const traceContext = require('./trace-context');

module.exports = { CorrelationTracker, tracedPublish, tracedProcess, traceContext };

'use strict';

const { invalidOption } = require('../../../options/validate');

const DEFAULT_LEASE_MS = 60_000;
const LONGEST_LEASE_MS = 86_400_000;

function checkId(id) {
  if (typeof id === 'string' && id !== '') return id;
  throw invalidOption('a non-empty string', 'id of an event', id);
}

/** @param {string} [option] its name in the error */
function checkLease(leaseMs = DEFAULT_LEASE_MS, option = 'leaseMs') {
  if (Number.isInteger(leaseMs) && leaseMs >= 1 && leaseMs <= LONGEST_LEASE_MS) return leaseMs;
  throw invalidOption(`an integer from 1 to ${LONGEST_LEASE_MS}`, option, leaseMs);
}

module.exports = { checkId, checkLease };

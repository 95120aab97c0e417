'use strict';

const { classes } = require('../../errors');

/** One error for all mistakes. */
function catalogError(file, problems) {
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  const lines = problems.map(({ message }) => `\n  ${message}`);
  return new classes.CatalogError(`The catalog ${file} has ${count}:${lines.join('')}`, {
    problems,
  });
}

module.exports = { catalogError };

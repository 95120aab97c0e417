'use strict';

/** A promise and what settles it. */
function deferred() {
  const it = {};
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  return it;
}

module.exports = { deferred };

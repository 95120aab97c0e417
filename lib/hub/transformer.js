'use strict';

// The application's function on updates, for a batch that the native hub lends to JavaScript: docs/threads.md.

const isThenable = (value) => typeof value?.then === 'function';

function reasonOf(error) {
  try {
    return `transform() failed: ${error?.message ?? error}`;
  } catch {
    return 'transform() failed';
  }
}

/**
 * @param {(update: object) => unknown} transform
 * @returns {(json: string) => (string | null | { error: string })[]} takes the updates as JSON; for each of them the text of its
 *   data, null where it is dropped, or why there is neither. Never throws.
 */
function transformer(transform) {
  function one(update) {
    try {
      const data = transform(update);
      if (data === null) return null;
      if (isThenable(data)) {
        // Its failure would be an unhandled rejection besides.
        data.then(undefined, () => {});
        return { error: 'transform() gave a promise: it has to be synchronous' };
      }
      return JSON.stringify(data) ?? { error: `transform() gave ${typeof data}, which is no JSON` };
    } catch (error) {
      return { error: reasonOf(error) };
    }
  }
  return (json) => JSON.parse(json).map(one);
}

module.exports = { transformer };

'use strict';

const { Counter } = require('../meter');

/** Every `perTransaction` messages of a topic go to another one, with their offsets, in one transaction. */
async function transactions(side, args) {
  const counter = new Counter(args);
  const pipe = await side.openPipe(args, (count) => counter.add(count));
  return { result: await counter.done, close: () => pipe.close() };
}

module.exports = { transactions };

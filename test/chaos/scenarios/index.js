'use strict';

// A scenario:
//   name
//   inject({ cluster, traffic, log }, random)  breaks something; what takes a while may be awaited in it
//   heal({ cluster, traffic, log })            makes it good again
//   survivable  true: all flows again although it is broken. Otherwise only after heal()
//   holdMs      how long it stays broken, where it is not survivable
//   settings    { producer, consumer }: options of the clients

const scenarios = [
  ...require('./brokers'),
  ...require('./leaders'),
  ...require('./network'),
  ...require('./topics'),
  ...require('./rebalances'),
];

module.exports = { scenarios };

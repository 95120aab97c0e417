'use strict';

// A scenario, a file each:
//   name
//   inject({ cluster, traffic }, random)  breaks something; what takes a while may be awaited in it
//   heal({ cluster, traffic })            makes it good again
//   survivable  true: all flows again although it is broken. Otherwise only after heal()
//   holdMs      how long it stays broken, where it is not survivable
//   settings    { producer, consumer }: options of the clients

const scenarios = [require('./broker-kill')];

module.exports = { scenarios };

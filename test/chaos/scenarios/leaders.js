'use strict';

// Leaders and coordinators that move while all brokers are there.

const heal = ({ cluster }) => cluster.restoreReplicas();

/** Every partition gets another leader. */
const leaderMoved = {
  name: 'leader-moved',
  survivable: true,
  inject: ({ cluster, traffic }) => cluster.moveLeaders(traffic.topics),
  heal,
};

/** Every group and every transaction gets another coordinator: commits are on their way all the time. */
const coordinatorMoved = {
  name: 'coordinator-moved',
  survivable: true,
  inject: ({ cluster }) => cluster.moveLeaders(['__consumer_offsets', '__transaction_state']),
  heal,
};

module.exports = [leaderMoved, coordinatorMoved];

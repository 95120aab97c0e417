'use strict';

// Brokers that go away.

const pick = (items, random) => items[Math.floor(random() * items.length)];
const heal = ({ cluster }) => cluster.startAll();

/** By SIGKILL; it stays away while the others take over. */
const brokerKill = {
  name: 'broker-kill',
  survivable: true,
  inject: ({ cluster }, random) => cluster.kill(pick(cluster.ids, random)),
  heal,
};

/** The one that leads the metadata quorum, by SIGKILL. */
const controllerLoss = {
  name: 'controller-loss',
  survivable: true,
  inject: ({ cluster }) => cluster.kill(cluster.controller()),
  heal,
};

/** One after the other is shut down in good order and started again, as an upgrade does it. */
const rollingRestart = {
  name: 'rolling-restart',
  survivable: true,
  async inject({ cluster, traffic, log }, random) {
    const first = Math.floor(random() * cluster.ids.length);
    for (let at = 0; at < cluster.ids.length; at += 1) {
      const id = cluster.ids[(first + at) % cluster.ids.length];
      await cluster.shutDown(id);
      await cluster.start(id);
      await cluster.untilInSync(traffic.topics);
      log(`broker ${id} is back`);
    }
  },
  heal,
};

module.exports = [brokerKill, controllerLoss, rollingRestart];

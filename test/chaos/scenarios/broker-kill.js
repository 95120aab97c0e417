'use strict';

/** A broker is killed by SIGKILL and stays away; then it comes back. */
module.exports = {
  name: 'broker-kill',
  survivable: true,
  async inject({ cluster }, random) {
    await cluster.kill(cluster.ids[Math.floor(random() * cluster.ids.length)]);
  },
  heal: ({ cluster }) => cluster.startAll(),
};

'use strict';

// What stands before several nodes: connections go to each in turn, round those that do not answer.

const net = require('node:net');

class Balancer {
  #server;
  #ports = [];
  #turn = 0;

  static async start() {
    const balancer = new Balancer();
    balancer.#server = net.createServer((client) => balancer.#serve(client));
    await new Promise((resolve) => {
      balancer.#server.listen(0, '127.0.0.1', resolve);
    });
    return balancer;
  }

  get port() {
    return this.#server.address().port;
  }

  add(port) {
    this.#ports.push(port);
  }

  remove(port) {
    this.#ports = this.#ports.filter((other) => other !== port);
  }

  #serve(client) {
    client.on('error', () => {});
    const port = this.#ports[this.#turn++ % this.#ports.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const node = net.connect(port, '127.0.0.1');
    node.on('error', () => client.destroy());
    node.on('close', () => client.destroy());
    client.on('close', () => node.destroy());
    client.pipe(node).pipe(client);
  }

  stop() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

module.exports = { Balancer };

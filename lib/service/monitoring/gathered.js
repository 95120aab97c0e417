'use strict';

/** What a Registry of prom-client wants of a metric: it asks for the values itself. */
class Gathered {
  #source;
  #valuesOf;

  /**
   * @param {object} source what the values are of
   * @param {{ name: string, help: string, type: string, valuesOf: (source: object) => unknown }} metric
   */
  constructor(source, { name, help, type, valuesOf }) {
    // Not read-only: for OpenMetrics a Registry takes `_total` off the name.
    Object.assign(this, { name, help, type, aggregator: 'sum' });
    this.#source = source;
    this.#valuesOf = valuesOf;
  }

  async get() {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: await this.#valuesOf(this.#source) };
  }

  /** Registry.resetMetrics() is for tests of an application; what is counted only grows. */
  reset() {}
}

module.exports = { Gathered };

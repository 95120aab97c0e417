'use strict';

const CompressionTypes = Object.freeze({ None: 0, GZIP: 1, Snappy: 2, LZ4: 3, ZSTD: 4 });

/**
 * KafkaJS wants a codec in JavaScript for Snappy, LZ4 and ZSTD. Here all are in the addon: what is registered is kept and
 * never called, so that code with such a registration runs.
 */
const CompressionCodecs = {};

module.exports = { CompressionTypes, CompressionCodecs };

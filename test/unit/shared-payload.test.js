'use strict';

const { embeddedBroker } = require('../shared/brokers');
const { payloadSuite } = require('../shared/payload-suite');

describe('Payloads on EmbeddedKafka', () => payloadSuite(embeddedBroker()));

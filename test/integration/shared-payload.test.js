'use strict';

const { realBroker } = require('../shared/brokers');
const { payloadSuite } = require('../shared/payload-suite');

describe('Payloads on real Kafka', () => payloadSuite(realBroker()));

import * as easyflowKafka from '../../../lib/index.mjs';
import roundTrip from './round-trip-body.js';

await roundTrip(easyflowKafka);

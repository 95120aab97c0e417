'use strict';

require('./round-trip-body')(require('../../../lib'));

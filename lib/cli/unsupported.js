'use strict';

/** A request that the broker does not know: an embedded one knows few. */
const isNotSupported = (error) => error?.errorCode === 'ERR_KAFKA_API_NOT_SUPPORTED';

module.exports = { isNotSupported };

'use strict';

/** KafkaJS's levels. */
const logLevel = Object.freeze({ NOTHING: 0, ERROR: 1, WARN: 2, INFO: 4, DEBUG: 5 });

/** Syslog severity of librdkafka (0-7) -> method of a logger. */
const METHOD_OF_SYSLOG = Object.freeze([
  'error',
  'error',
  'error',
  'error',
  'warn',
  'info',
  'info',
  'debug',
]);

/** KafkaJS's level -> librdkafka's log_level: what would not be shown need not cross the border. */
function toSyslog(level) {
  if (level >= logLevel.DEBUG) return 7;
  if (level >= logLevel.INFO) return 6;
  if (level >= logLevel.WARN) return 4;
  return level >= logLevel.ERROR ? 3 : 0;
}

/** librdkafka's log_level -> KafkaJS's: given as a property it means what the logger shows, as in confluent's. */
function fromSyslog(severity) {
  if (severity >= 7) return logLevel.DEBUG;
  if (severity >= 6) return logLevel.INFO;
  if (severity >= 4) return logLevel.WARN;
  return severity >= 1 ? logLevel.ERROR : logLevel.NOTHING;
}

module.exports = { logLevel, METHOD_OF_SYSLOG, toSyslog, fromSyslog };

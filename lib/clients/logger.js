'use strict';

// KafkaJS's logger: levels, namespaces, a logCreator of the user. The environment variable KAFKAJS_LOG_LEVEL overrides
// the level, as there.

const { logLevel } = require('./log-level');

const LABELS = { 1: 'ERROR', 2: 'WARN', 4: 'INFO', 5: 'DEBUG' };
const CONSOLE_METHODS = { 1: 'error', 2: 'warn', 4: 'info', 5: 'log' };

/** The default logCreator: one JSON line an entry. */
function consoleLogCreator() {
  return ({ namespace, level, label, log }) => {
    const message = namespace ? `[${namespace}] ${log.message}` : log.message;
    console[CONSOLE_METHODS[level]](JSON.stringify({ level: label, ...log, message }));
  };
}

function effectiveLevel(level) {
  const fromEnvironment = (process.env.KAFKAJS_LOG_LEVEL ?? '').toUpperCase();
  return logLevel[fromEnvironment] ?? level;
}

/**
 * @param {{ level?: number, logCreator?: import('../index').logCreator }} options
 * @returns {import('../index').Logger}
 */
function createLogger({ level = logLevel.INFO, logCreator = consoleLogCreator } = {}) {
  let rootLevel = effectiveLevel(level);
  const write = logCreator(rootLevel);

  function createNamespace(namespace, ownLevel) {
    const namespaceLevel = ownLevel == null ? null : effectiveLevel(ownLevel);
    const at =
      (entryLevel) =>
      (message, extra = {}) => {
        if (entryLevel > (namespaceLevel ?? rootLevel)) return;
        write({
          namespace,
          level: entryLevel,
          label: LABELS[entryLevel],
          log: { timestamp: new Date().toISOString(), logger: 'easyflow-kafka', message, ...extra },
        });
      };
    return {
      error: at(logLevel.ERROR),
      warn: at(logLevel.WARN),
      info: at(logLevel.INFO),
      debug: at(logLevel.DEBUG),
      namespace: createNamespace,
      setLogLevel(newLevel) {
        rootLevel = newLevel;
      },
    };
  }

  return createNamespace(undefined, null);
}

module.exports = { createLogger };

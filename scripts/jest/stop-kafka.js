'use strict';

module.exports = async function stopSharedKafka() {
  await globalThis.easyflowSharedKafka?.stop();
};

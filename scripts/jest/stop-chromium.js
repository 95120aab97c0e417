'use strict';

module.exports = async function stopSharedChromium() {
  await globalThis.easyflowSharedChromium?.close();
};

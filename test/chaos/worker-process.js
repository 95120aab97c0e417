'use strict';

const path = require('node:path');
const { LineProcess } = require('./line-process');

const PROGRAM = path.join(__dirname, 'task-worker.js');

/** One run of task-worker.js. `onLine(what, id)` for each thing that it says. */
class WorkerProcess extends LineProcess {
  hasBegun = false;
  /** Tasks that it has begun and not done. */
  inHand = new Set();

  constructor(env, onLine) {
    super(PROGRAM, {
      env,
      onLine: (what, id) => {
        if (what === 'begun') {
          this.hasBegun = true;
          this.inHand.add(id);
        } else if (what === 'done') {
          this.inHand.delete(id);
        }
        onLine(what, id);
      },
    });
  }
}

module.exports = { WorkerProcess };

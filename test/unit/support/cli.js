'use strict';

// Runs `easyflow-kafka` as a process, in a folder of its own and without the variables of this one.

const path = require('node:path');
const { ExampleStage } = require('./example-program');

const MAIN = path.join(__dirname, '../../../lib/cli/main.js');

class CliStage extends ExampleStage {
  /** A command that goes on. */
  begin(args, options) {
    return this.start(MAIN, args, options);
  }

  /** A command that ended, with `exit`, `stdout`, `stderr`. */
  async run(args, options) {
    const program = this.begin(args, options);
    await program.ended();
    return program;
  }

  /** What a command printed that has to end well. */
  async output(args, options) {
    const { exit, stdout, stderr } = await this.run(args, options);
    if (exit !== 0) throw new Error(`${args.join(' ')} ended with ${exit}: ${stderr}`);
    return stdout;
  }

  async json(args, options) {
    return JSON.parse(await this.output([...args, '--json'], options));
  }

  /** The lines of a command whose output is JSON lines. */
  async lines(args, options) {
    const text = await this.output(args, options);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}

module.exports = { CliStage };

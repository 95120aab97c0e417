#!/usr/bin/env node
'use strict';

// The command `easyflow-kafka`: docs/cli.md.

const { runProgram } = require('./program');

runProgram(process.argv.slice(2));

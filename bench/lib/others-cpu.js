'use strict';

// How much of the machine processes outside this one and its children use: what a measurement was disturbed by.

const fs = require('node:fs');
const os = require('node:os');

/** Columns of the first line of /proc/stat that are no work: idle and iowait; guest time is in user time already. */
const IDLE_COLUMNS = [3, 4];
const WORK_COLUMNS = 8;

/** From the text of /proc/stat: ticks that the machine has worked, and all ticks. */
function machineTicks(stat) {
  const columns = stat
    .split('\n')[0]
    .trim()
    .split(/\s+/)
    .slice(1, WORK_COLUMNS + 1)
    .map(Number);
  const all = columns.reduce((sum, ticks) => sum + ticks, 0);
  return { all, busy: all - IDLE_COLUMNS.reduce((sum, at) => sum + columns[at], 0) };
}

/** From the text of /proc/<pid>/stat: the parent, and the ticks of the process and of its children that have ended. */
function processTicks(stat) {
  // The name may have spaces and parentheses in it.
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, cutime, cstime] = columns.slice(11, 15).map(Number);
  return { parent: Number(columns[1]), ticks: utime + stime + cutime + cstime };
}

/** The ticks of `root` and everything below it; `processes`: { parent, ticks } by pid. */
function familyTicks(processes, root) {
  const belongs = (pid) =>
    pid === root || (processes.has(pid) && belongs(processes.get(pid).parent));
  return [...processes].reduce((sum, [pid, { ticks }]) => sum + (belongs(pid) ? ticks : 0), 0);
}

function readProcesses() {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const entries = pids.flatMap((pid) => {
    try {
      return [[Number(pid), processTicks(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))]];
    } catch {
      return []; // it has ended
    }
  });
  return new Map(entries);
}

function snapshot() {
  const family = familyTicks(readProcesses(), process.pid);
  return { ...machineTicks(fs.readFileSync('/proc/stat', 'utf8')), family };
}

/** Call it, and call what it returns later: the share (0 to 1) of all cores that others used in between. */
function watchOthers() {
  if (os.platform() !== 'linux') return () => 0;
  const before = snapshot();
  return () => {
    const after = snapshot();
    const others = after.busy - before.busy - (after.family - before.family);
    return Math.max(0, others / (after.all - before.all));
  };
}

module.exports = { watchOthers, machineTicks, processTicks, familyTicks };

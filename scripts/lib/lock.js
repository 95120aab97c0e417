'use strict';

const fs = require('node:fs');
const path = require('node:path');

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Identifies a process even when its id is used again: the id and the moment it was started. */
function identity(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return `${pid} -`;
  }
}

function ownerIsAlive(owner) {
  const pid = Number.parseInt(owner, 10);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return identity(pid) === owner;
}

/** Makes the lock file with its content in one step, so that nobody reads a half-written owner. */
function tryAcquire(file) {
  const own = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  fs.writeFileSync(own, identity(process.pid));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.unlinkSync(own);
  }
}

/** Runs `work` while holding `file` as a lock between processes. A dead owner's lock is taken over. */
async function withLock(file, work, onWait = () => {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryAcquire(file)) {
    let owner;
    try {
      owner = fs.readFileSync(file, 'utf8');
    } catch {
      continue;
    }
    if (!ownerIsAlive(owner)) {
      const stale = `${file}.stale.${process.pid}`;
      try {
        fs.renameSync(file, stale);
        // Between the look and the rename another process may have taken the lock: give it back.
        if (fs.readFileSync(stale, 'utf8') !== owner) fs.linkSync(stale, file);
        fs.unlinkSync(stale);
      } catch {
        // Somebody else was quicker.
      }
      continue;
    }
    if (!told) onWait(Number.parseInt(owner, 10));
    told = true;
    await delay(200);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { withLock };

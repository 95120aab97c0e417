'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Debian keeps each version apart and puts none of the server's programs on PATH. */
const DEBIAN = '/usr/lib/postgresql';

function debianFolders() {
  try {
    const versions = fs.readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => path.join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

/** The folder with initdb and postgres, the newest first; null: there is none. */
function binaries() {
  const folders = [...debianFolders(), ...(process.env.PATH ?? '').split(path.delimiter)];
  const has = (folder, name) => fs.existsSync(path.join(folder, name));
  return folders.find((folder) => has(folder, 'initdb') && has(folder, 'postgres')) ?? null;
}

module.exports = { binaries };

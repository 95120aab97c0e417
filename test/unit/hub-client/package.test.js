'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const vm = require('node:vm');
const { gzipSync } = require('node:zlib');
const { bundle, entry } = require('./support/load-client');

const KB = 1_000;

test('minified and compressed it is less than 5 KB', () => {
  const text = bundle({ format: 'esm', minify: true });
  expect(gzipSync(text).length).toBeLessThan(5 * KB);
});

test('a bundle for browsers runs where there is nothing of Node.js', () => {
  const text = bundle({ format: 'iife', globalName: 'bundle', platform: 'browser' });
  const opened = [];
  class PageSocket {
    constructor(url, protocols) {
      opened.push({ url, protocols });
    }
    close() {}
  }
  const globals = { TextEncoder, btoa, URL, AbortController, setTimeout, clearTimeout };
  const location = { href: 'https://app.example/tasks' };
  const page = vm.createContext({ ...globals, location, WebSocket: PageSocket });
  return vm
    .runInContext(
      `${text}; const client = new bundle.StatusClient('/status', { token: 't' });
      Promise.resolve().then(() => Promise.resolve()).then(() => client.close());`,
      page,
    )
    .then(() => {
      expect(opened).toEqual([
        { url: 'wss://app.example/status', protocols: ['easyflow-status.v1', 'bearer.dA'] },
      ]);
    });
});

test('it is what the package exports as easyflow-kafka/client', () => {
  const root = path.join(path.dirname(entry), '..', '..', '..');
  const script = `
    import * as client from 'easyflow-kafka/client';
    console.log(JSON.stringify(Object.keys(client)));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual(['StatusClient', 'StatusError']);
});

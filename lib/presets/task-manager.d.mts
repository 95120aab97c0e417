import * as preset from './task-manager.js';

export * from './task-manager.js';
export default preset;

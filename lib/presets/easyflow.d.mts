import * as preset from './easyflow.js';

export * from './easyflow.js';
export default preset;

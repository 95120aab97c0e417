import * as preset from './etelios.js';

export * from './etelios.js';
export default preset;

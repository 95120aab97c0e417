import * as preset from './spm.js';

export * from './spm.js';
export default preset;

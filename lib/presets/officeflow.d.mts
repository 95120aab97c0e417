import * as preset from './officeflow.js';

export * from './officeflow.js';
export default preset;

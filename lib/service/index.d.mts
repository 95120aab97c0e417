import * as service from './index.js';

export * from './index.js';
export default service;

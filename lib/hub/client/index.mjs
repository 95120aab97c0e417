export { StatusClient } from './client.mjs';
export { StatusError } from './status-error.mjs';

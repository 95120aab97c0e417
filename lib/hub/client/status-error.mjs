/**
 * `code`: one of the hub's (docs/protocol.md) or of the client's own (docs/status-client.md); `retriable`: the same may
 * succeed later; `closeCode`: with which the hub closed the connection.
 */
export class StatusError extends Error {
  constructor(code, message, { retriable = false, closeCode, cause } = {}) {
    super(message, cause && { cause });
    this.name = 'StatusError';
    this.code = code;
    this.retriable = retriable;
    this.closeCode = closeCode;
  }
}

export function closed() {
  return new StatusError('ERR_STATUS_CLOSED', 'It was closed');
}

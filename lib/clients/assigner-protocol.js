'use strict';

// The bytes that members of a consumer group exchange: what describeGroups() gives as memberMetadata and
// memberAssignment. Format: https://kafka.apache.org/protocol (ConsumerProtocolSubscription, …Assignment).

class Writer {
  #parts = [];

  int16(value) {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    return this.#add(bytes);
  }

  int32(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return this.#add(bytes);
  }

  string(value) {
    const bytes = Buffer.from(value, 'utf8');
    return this.int16(bytes.length).#add(bytes);
  }

  bytes(value) {
    return this.int32(value.length).#add(value);
  }

  array(items, write) {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  toBuffer() {
    return Buffer.concat(this.#parts);
  }

  #add(bytes) {
    this.#parts.push(bytes);
    return this;
  }
}

class Reader {
  #at = 0;

  constructor(buffer) {
    this.buffer = buffer;
  }

  get left() {
    return this.buffer.length - this.#at;
  }

  int16() {
    this.#at += 2;
    return this.buffer.readInt16BE(this.#at - 2);
  }

  int32() {
    this.#at += 4;
    return this.buffer.readInt32BE(this.#at - 4);
  }

  string() {
    return this.#take(this.int16()).toString('utf8');
  }

  bytes() {
    const length = this.int32();
    return length < 0 ? null : this.#take(length);
  }

  array(read) {
    const length = this.int32();
    return Array.from({ length: Math.max(0, length) }, () => read());
  }

  #take(length) {
    this.#at += length;
    return this.buffer.subarray(this.#at - length, this.#at);
  }
}

const MemberMetadata = {
  /** @param {{ version: number, topics: string[], userData?: Buffer }} metadata */
  encode({ version, topics, userData = Buffer.alloc(0) }) {
    const writer = new Writer().int16(version);
    writer.array(topics, (topic) => writer.string(topic)).bytes(userData);
    return writer.toBuffer();
  },

  decode(buffer) {
    const reader = new Reader(buffer);
    return {
      version: reader.int16(),
      topics: reader.array(() => reader.string()),
      userData: reader.bytes(),
    };
  },
};

const MemberAssignment = {
  /** @param {{ version: number, assignment: Record<string, number[]>, userData?: Buffer }} assignment */
  encode({ version, assignment, userData = Buffer.alloc(0) }) {
    const writer = new Writer().int16(version);
    writer
      .array(Object.entries(assignment), ([topic, partitions]) => {
        writer.string(topic).array(partitions, (partition) => writer.int32(partition));
      })
      .bytes(userData);
    return writer.toBuffer();
  },

  /** Null for a member that has no assignment yet. */
  decode(buffer) {
    const reader = new Reader(buffer);
    if (reader.left < 2) return null;
    const version = reader.int16();
    const topics = reader.array(() => [reader.string(), reader.array(() => reader.int32())]);
    return { version, assignment: Object.fromEntries(topics), userData: reader.bytes() };
  },
};

module.exports = { AssignerProtocol: Object.freeze({ MemberMetadata, MemberAssignment }) };

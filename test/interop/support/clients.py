"""What the interop tests ask of Python's confluent-kafka: one JSON document on stdin, one on stdout.

Bytes travel as base64 text, null as null.
"""

import base64
import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition, TIMESTAMP_NOT_AVAILABLE

DEADLINE_S = 60.0


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def produce(bootstrap, topic, messages, properties):
    # Idempotent: a topic's new leader that is not ready yet changes neither order nor count.
    producer = Producer(
        {"bootstrap.servers": bootstrap, "enable.idempotence": True, **properties}
    )
    reports = [None] * len(messages)

    def on_delivery(index):
        def report(error, message):
            if error is not None:
                raise RuntimeError(str(error))
            reports[index] = [message.partition(), message.offset()]

        return report

    for index, message in enumerate(messages):
        optional = {}
        if "timestamp" in message:
            optional["timestamp"] = message["timestamp"]
        if message.get("headers"):
            optional["headers"] = [(name, decode(value)) for name, value in message["headers"]]
        producer.produce(
            topic,
            key=decode(message["key"]),
            value=decode(message["value"]),
            on_delivery=on_delivery(index),
            **optional,
        )
        producer.poll(0)
    if producer.flush(DEADLINE_S) > 0:
        raise RuntimeError("not everything was delivered")
    return reports


def consume(bootstrap, topic, partitions, count):
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "not-used", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    result = []
    while len(result) < count:
        messages = consumer.consume(count - len(result), DEADLINE_S)
        if not messages:
            raise RuntimeError(f"only {len(result)} of {count} messages came")
        for message in messages:
            if message.error():
                raise RuntimeError(str(message.error()))
            kind, timestamp = message.timestamp()
            result.append(
                {
                    "partition": message.partition(),
                    "offset": message.offset(),
                    "key": encode(message.key()),
                    "value": encode(message.value()),
                    "headers": [[name, encode(value)] for name, value in message.headers() or []],
                    "timestamp": None if kind == TIMESTAMP_NOT_AVAILABLE else timestamp,
                }
            )
    consumer.close()
    return result


def committed(bootstrap, group, topic, partition):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    (answer,) = consumer.committed([TopicPartition(topic, partition)], DEADLINE_S)
    consumer.close()
    return {"offset": answer.offset, "metadata": answer.metadata}


def commit(bootstrap, group, topic, partition, offset):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    consumer.commit(
        offsets=[TopicPartition(topic, partition, offset)], asynchronous=False
    )
    consumer.close()


if __name__ == "__main__":
    request = json.load(sys.stdin)
    call = {"produce": produce, "consume": consume, "committed": committed, "commit": commit}
    json.dump(call[request.pop("call")](**request), sys.stdout)

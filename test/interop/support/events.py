"""What the interop tests ask of examples/python.

publish SYSTEM     calls from stdin, [["TaskEventPublisher.publish_task_created", {…}], …]; a JSON line for each:
                   the event, or {"refused": code, "problems": […]}
consume TOPIC…     the consumer of SPM's document: a JSON line for each event
catalogs           names, dead-letter topics and constants of all catalogs
configuration      what EasyFlow's client is configured with, or {"problems": […]}
"""

import json
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "python"


def show(value):
    print(json.dumps(value), flush=True)


def publish(system):
    sys.path += [str(EXAMPLES), str(EXAMPLES / system)]
    import errors

    module = __import__("kafka_events" if system == "spm" else "kafka_client")
    clients = {}
    for call, data in json.load(sys.stdin):
        name, method = call.split(".")
        if name not in clients:
            clients[name] = getattr(module, name)()
        try:
            show(getattr(clients[name], method)(data))
        except errors.InvalidEventError as error:
            show({"refused": error.code, "problems": error.problems})
    for client in clients.values():
        client.close()


def consume(*topics):
    sys.path.append(str(EXAMPLES / "spm"))
    from kafka_client import KafkaEventConsumer

    consumer = KafkaEventConsumer()
    consumer.subscribe_to_topics(list(topics))
    consumer.consume_events(show, on_ready=lambda: print("ready", file=sys.stderr, flush=True))
    print("ended", file=sys.stderr, flush=True)


def catalogs():
    sys.path.append(str(EXAMPLES))
    from catalog import CATALOGS, load_catalog

    found = {}
    for file in CATALOGS.glob("*.json"):
        catalog = load_catalog(file.stem)
        topics = [[topic.id, topic.name, catalog.dlq_of(topic.name)] for topic in catalog.topics]
        found[file.stem] = {"constants": catalog.constants, "topics": topics}
    show(found)


def configuration():
    sys.path.append(str(EXAMPLES))
    from configuration import configure
    from errors import ConfigurationError

    try:
        configured = configure({"bootstrap.servers": "localhost:9092", "client.id": "easyflow"})
        show({"properties": configured.properties, "groupId": configured.group_id})
    except ConfigurationError as error:
        show({"problems": error.problems})


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

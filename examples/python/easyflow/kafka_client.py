"""EasyFlow's client for Python.

    python kafka_client.py producer     sends a task
    python kafka_client.py consumer     prints what comes on the four topics, until Ctrl-C
"""

import argparse
import logging
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).resolve().parents[1]))

from confluent_kafka import KafkaException

from catalog import load_catalog
from configuration import configure
from embedded import CONSUMER, join_embedded_broker
from envelopes import now, to_bytes
from errors import KafkaClientError
from messaging import Publisher, Subscription

WORKERS = "easyflow-workers"
API = "easyflow-api"
DASHBOARD = "easyflow-dashboard"
# Sees what was sent before it came: it is a group without another purpose.
TEST_GROUP = "easyflow-consumer"

catalog = load_catalog("easyflow")

# TOPICS.AUTOMATION_TASKS == "automation-tasks"
TOPICS = SimpleNamespace(**catalog.constants)


class KafkaClient:
    """EasyFlow's messages: what a message has to have and the caller does not give is filled in."""

    def __init__(self, properties=None):
        defaults = {"bootstrap.servers": "localhost:9092", "client.id": "easyflow", **(properties or {})}
        self.configuration = configure(defaults)
        self._publisher = Publisher(catalog, self.configuration)
        self._subscription = None

    def publish_task(self, task):
        """`{taskId, type, payload}`, pending from now on unless it says otherwise."""
        return self._publish(TOPICS.AUTOMATION_TASKS, {"status": "pending", "createdAt": now(), **task})

    def publish_result(self, result):
        """`{taskId, status, result | error}`"""
        return self._publish(TOPICS.AUTOMATION_RESULTS, {"completedAt": now(), **result})

    def publish_workflow_event(self, event):
        """`{workflowId, status, …}`"""
        return self._publish(TOPICS.WORKFLOW_EVENTS, {"timestamp": now(), **event})

    def publish_status_update(self, update):
        """`{entityId, entityType, status, message}`"""
        return self._publish(TOPICS.STATUS_UPDATES, {"timestamp": now(), **update})

    def _publish(self, topic, message):
        return self._publisher.publish(topic, message)

    def flush(self):
        """Returns when the brokers have everything that was published; raises DeliveryError."""
        self._publisher.flush()

    def subscribe(self, topics, group, handler, on_ready=lambda: None):
        """Calls `handler(message, metadata)` until close(), SIGINT or SIGTERM; then offsets are committed."""
        chosen = self.configuration.group_id or group
        self._subscription = Subscription(self._publisher, self.configuration, topics, chosen, on_ready)
        self._subscription.run(handler)

    def subscribe_to_tasks(self, handler, on_ready=lambda: None):
        """For worker services: a task goes to one of them."""
        self.subscribe([TOPICS.AUTOMATION_TASKS], WORKERS, handler, on_ready)

    def subscribe_to_results(self, handler, on_ready=lambda: None):
        self.subscribe([TOPICS.AUTOMATION_RESULTS], API, handler, on_ready)

    def subscribe_to_workflow_events(self, handler, on_ready=lambda: None):
        self.subscribe([TOPICS.WORKFLOW_EVENTS], API, handler, on_ready)

    def subscribe_to_status_updates(self, handler, on_ready=lambda: None):
        self.subscribe([TOPICS.STATUS_UPDATES], DASHBOARD, handler, on_ready)

    def close(self):
        """Ends the subscription, after the handler that runs, and waits for what was published."""
        if self._subscription is not None:
            self._subscription.stop()
        self._publisher.close()


def say(line):
    print(line, file=sys.stderr, flush=True)


def open_client(properties=None):
    """For the programs: where nothing is configured, the embedded broker counts more than localhost:9092."""
    joined = join_embedded_broker() if configure({}).is_default else None
    if joined is None:
        return KafkaClient(properties)
    servers, lease = joined
    say(f"Nothing configured: found the embedded broker at {servers}")
    client = KafkaClient({"bootstrap.servers": servers, **CONSUMER, **(properties or {})})
    client.lease = lease
    return client


def produce(count):
    client = open_client()
    for _ in range(count):
        payload = {"script": "data_processing.py", "parameters": {}}
        task = {"taskId": f"task-{uuid.uuid4()}", "type": "automation_run", "payload": payload}
        print(to_bytes(client.publish_task(task)).decode(), flush=True)
    client.close()
    say(f"Sent {count}, all acknowledged.")


def consume(count):
    client = open_client({"auto.offset.reset": "earliest"})
    received = 0

    def show(message, metadata):
        nonlocal received
        received += 1
        place = f"{metadata.topic}[{metadata.partition}]@{metadata.offset}"
        print(f"{place} {metadata.key or '-'} {to_bytes(message).decode()}", flush=True)
        if received == count:
            client.close()

    topics = list(vars(TOPICS).values())
    ready = f"Waiting for messages of {', '.join(topics)}; Ctrl-C to end."
    client.subscribe(topics, TEST_GROUP, show, lambda: say(ready))
    say(f"Received {received} messages; offsets are committed.")


def run(main):
    """Exit code 1: failed; 2: configured wrongly, a line for each mistake."""
    logging.basicConfig()
    try:
        main()
    except (KafkaClientError, KafkaException) as error:
        text = error.args[0].str() if isinstance(error, KafkaException) else str(error)
        say("\n".join(f"{Path(sys.argv[0]).stem}: {line}" for line in text.split("\n")))
        sys.exit(2 if getattr(error, "code", None) == "ERR_KAFKA_CONFIG" else 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Sends or shows messages of EasyFlow.")
    parser.add_argument("command", choices=("producer", "consumer"))
    parser.add_argument("--count", type=int, help="of messages; default: one task, or until Ctrl-C")
    arguments = parser.parse_args()
    if arguments.command == "producer":
        run(lambda: produce(arguments.count or 1))
    else:
        run(lambda: consume(arguments.count))

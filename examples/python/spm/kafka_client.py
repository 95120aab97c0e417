"""SPM's kafka_client: topics, and a consumer of their events.

    from kafka_client import KafkaEventConsumer, Topics
"""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).resolve().parents[1]))

from catalog import load_catalog
from configuration import configure
from messaging import Publisher, Subscription

GROUP = "spm-consumer-group"

catalog = load_catalog("spm")

# Topics.TASK_EVENTS == "task-events"
Topics = SimpleNamespace(**catalog.constants)


def configuration():
    return configure({"bootstrap.servers": "localhost:9092", "client.id": "spm", "group.id": GROUP})


class KafkaEventConsumer:
    """Consumes topics in one group (KAFKA_GROUP_ID). A group that is new begins at the end."""

    def __init__(self, group_id=None):
        self._configuration = configuration()
        self._group = group_id or self._configuration.group_id
        self._topics = []
        self._subscription = None
        self._is_closed = False

    def subscribe_to_topics(self, topics):
        """Adds topics; takes effect with consume_events()."""
        if isinstance(topics, str) or not topics:
            raise TypeError(f"Expected a list of topics for topics but received {topics!r}")
        self._topics += [catalog.topic(topic).name for topic in topics]

    def consume_events(self, handler, on_ready=lambda: None):
        """
        Calls `handler(event)` for every event: `event['event_type']`, `event['data']`. Returns after close(), SIGINT or
        SIGTERM, when the handler that ran has finished and its offset is committed.

        `on_ready` is called once, as soon as nothing that is published can be missed.
        """
        if not self._topics:
            raise RuntimeError("Nothing to consume: call subscribe_to_topics() before consume_events()")
        if self._is_closed:
            return
        publisher = Publisher(catalog, self._configuration)
        self._subscription = Subscription(publisher, self._configuration, self._topics, self._group, on_ready)
        self._subscription.run(lambda event, metadata: handler(event))

    def close(self):
        """From a handler or another thread."""
        self._is_closed = True
        if self._subscription is not None:
            self._subscription.stop()

"""Publishing and consuming by a catalog, on confluent-kafka; as lib/service does it in JavaScript."""

import random
import signal
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from configuration import logger
from dead_letters import OWN_HEADERS, Trail, letter_headers
from envelopes import CORRELATION_HEADER, ENVELOPES, to_bytes
from errors import ConfigurationError, DeliveryError, EnvelopeError, InvalidEventError, NonRetriableError

POLL_S = 0.5
LOOKUP_S = 10
NEW_TOPIC_S = 3
DELIVERY_MS = 30_000
NEW_TOPICS_MS = 5_000

# Of a handler that fails: in place, so the partition's order is kept.
ATTEMPTS = 4
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 30

# Nothing that time repairs.
REFUSED = (
    KafkaError._AUTHENTICATION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
)

_correlation_id = ContextVar("correlation_id", default=None)


def _client(kind, properties):
    try:
        return kind({"log_level": 7 if logger.level <= 10 else 4, **properties}, logger=logger)
    except KafkaException as error:
        raise ConfigurationError([error.args[0].str()]) from None


def _complain(error):
    logger.warning("%s", error)


class Publisher:
    """Sends events of a catalog, checked against their schemas; flush() and close() wait for the brokers."""

    def __init__(self, catalog, configuration):
        self.catalog = catalog
        defaults = {
            # KafkaJS's, and so ours: the same key lands in the same partition whoever sends it.
            "partitioner": "murmur2_random",
            "message.timeout.ms": DELIVERY_MS,
        }
        if "acks" in catalog.producer:
            defaults["acks"] = catalog.producer["acks"]
        if "retries" in catalog.producer.get("retry", {}):
            defaults["retries"] = catalog.producer["retry"]["retries"]
        self._producer = _client(
            Producer, {**defaults, **configuration.properties, "error_cb": _complain}
        )
        self._failures = []

    def publish(self, topic, data, kind=None, key=None):
        """Queues one event and returns it as it is on the wire. Raises InvalidEventError: nothing was sent."""
        entry = self.catalog.topic(topic)
        envelope = ENVELOPES[entry.envelope]
        correlation_id = _correlation_id.get()
        event = envelope.wrap(kind, data, correlation_id)
        try:
            value = to_bytes(event)
            read = envelope.read(value, {})
        except (EnvelopeError, TypeError, ValueError) as error:
            raise InvalidEventError(entry.name, [str(error)]) from error
        problems = self.catalog.problems(self.catalog.type_of(entry.name, read.type), read.payload)
        if problems:
            raise InvalidEventError(entry.name, problems)
        headers = [(CORRELATION_HEADER, correlation_id)] if correlation_id else None
        self.send(entry.name, value, key or self.catalog.key_of(entry.name, event), headers)
        return event

    def send(self, topic, value, key, headers):
        """A message as it is. Waits for room in the queue."""
        while True:
            try:
                self._producer.produce(topic, value, key, headers=headers, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(POLL_S)
        self._producer.poll(0)

    def _delivered(self, error, message):
        if error is not None:
            key = message.key().decode(errors="replace") if message.key() else "no key"
            self._failures.append(f"{message.topic()} ({key}): {error.str()}")

    def flush(self):
        """Returns when the brokers have everything. Raises DeliveryError for what they do not have."""
        while self._producer.flush(POLL_S) > 0:
            pass
        if self._failures:
            failures, self._failures = self._failures, []
            raise DeliveryError(failures)

    close = flush

    def touch(self, topics):
        """Has the brokers make missing topics, where they do so; returns those that were missing."""
        made = [name for name in topics if name not in self._producer.list_topics(timeout=LOOKUP_S).topics]
        for name in made:
            until = time.monotonic() + NEW_TOPIC_S
            while self._producer.list_topics(name, LOOKUP_S).topics[name].error and time.monotonic() < until:
                time.sleep(0.1)
        return made


@dataclass(frozen=True)
class Metadata:
    """What a handler may want to know of a message besides its event."""

    topic: str
    partition: int
    offset: int
    key: str | None
    type: str | None
    event_id: str | None
    correlation_id: str | None
    attempt: int
    group: str


@contextmanager
def _stopped_by_signals(stop):
    """SIGINT and SIGTERM let the handler that runs finish; a second one does what it always did."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def restore():
        for number in numbers:
            signal.signal(number, before[number])

    def on_signal(number, frame):
        restore()
        stop()

    for number in numbers:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()


class Subscription:
    """A member of a group; has a handler called for each valid event, the rest goes to the dead-letter topic."""

    def __init__(self, publisher, configuration, topics, group, on_ready=lambda: None):
        self.publisher = publisher
        self.catalog = publisher.catalog
        self.topics = [self.catalog.topic(topic).name for topic in topics]
        self.group = group
        self._starts_at = configuration.properties.get("auto.offset.reset", self.catalog.starts_at(group))
        self._properties = {
            # The JavaScript consumers' own, so that both can be members of one group.
            "partition.assignment.strategy": "roundrobin",
            "topic.metadata.refresh.interval.ms": NEW_TOPICS_MS,
            **configuration.properties,
            "group.id": group,
            "auto.offset.reset": self._starts_at,
            # Commits from time to time, and at the end, what handlers are done with.
            "enable.auto.commit": True,
            "enable.auto.offset.store": False,
            "error_cb": _complain,
        }
        self._on_ready = on_ready
        self._made = ()
        self._stopping = False

    def stop(self):
        """From a handler, a signal or another thread: run() returns when the handler that runs has finished."""
        self._stopping = True

    def run(self, handler):
        """Calls `handler(event, metadata)` for each event until stop(), SIGINT or SIGTERM, and commits."""
        self._consumer = _client(Consumer, self._properties)
        try:
            with _stopped_by_signals(self.stop):
                self._made = self.publisher.touch(self.topics)
                self._consumer.subscribe(self.topics, on_assign=self._assigned)
                while not self._stopping:
                    message = self._consumer.poll(POLL_S)
                    if message is None:
                        continue
                    if message.error():
                        self._judge(message.error())
                    elif self._process(message, handler):
                        self._done(message)
        finally:
            self._consumer.close()

    def _judge(self, error):
        if error.fatal() or error.code() in REFUSED:
            raise KafkaException(error)
        logger.warning("%s", error)

    def _assigned(self, consumer, partitions):
        """
        A group that begins at the end begins at the end as it is now. Left to librdkafka it would be looked up later,
        after somebody who knows us to be there has published.
        """
        if self._starts_at == "latest" and partitions:
            try:
                places = consumer.committed(partitions, LOOKUP_S)
                for place in (place for place in places if place.offset < 0):
                    low, high = consumer.get_watermark_offsets(place, LOOKUP_S)
                    place.offset = low if place.topic in self._made else high
            except KafkaException as error:
                logger.warning("The ends of %s are not known: %s", ", ".join(self.topics), error)
            else:
                consumer.assign(places)
                consumer.store_offsets(offsets=places)
        if partitions:
            self._on_ready()
            self._on_ready = lambda: None

    def _done(self, message):
        try:
            self._consumer.store_offsets(message)
        except KafkaException as error:
            # The partition is somebody else's by now: the event comes to him again.
            logger.info("%s [%d] was taken away: %s", message.topic(), message.partition(), error)

    def _process(self, message, handler):
        """Whether the message is done with: handled, nobody's, or a dead letter."""
        headers = {}
        for name, value in message.headers() or []:
            headers.setdefault(name, value.decode(errors="replace") if value is not None else None)
        trail = Trail.of(message, headers)
        if trail.group not in (None, self.group) or message.value() is None:
            return True
        topic = self.catalog.topic(message.topic())
        try:
            read = ENVELOPES[topic.envelope].read(message.value(), headers)
        except EnvelopeError as error:
            return self._bury(message, trail, "unreadable", error)
        kind = self.catalog.type_of(topic.name, read.type)
        problems = self.catalog.problems(kind, read.payload)
        if problems:
            error = EnvelopeError(f"The payload of {kind} is not valid: {'; '.join(problems)}")
            return self._bury(message, trail, "invalid", error)
        return self._attempt(message, trail, read, kind, handler)

    def _attempt(self, message, trail, read, kind, handler):
        token = _correlation_id.set(read.correlation_id)
        try:
            while not self._stopping:
                trail.attempts += 1
                try:
                    handler(read.event, self._metadata(message, trail, read, kind))
                    return True
                except Exception as error:
                    trail.failed()
                    final = isinstance(error, (NonRetriableError, InvalidEventError))
                    logger.warning("A handler failed, attempt %d", trail.attempts, exc_info=error)
                    if final or trail.attempts >= ATTEMPTS:
                        return self._bury(message, trail, "not-retriable" if final else "attempts", error)
                self._wait(min(FIRST_DELAY_S * 2 ** (trail.attempts - 1), LONGEST_DELAY_S) * random.random())
            return False
        finally:
            _correlation_id.reset(token)

    def _metadata(self, message, trail, read, kind):
        return Metadata(
            topic=message.topic(),
            partition=message.partition(),
            offset=message.offset(),
            key=message.key().decode(errors="replace") if message.key() is not None else None,
            type=kind,
            event_id=read.id,
            correlation_id=read.correlation_id,
            attempt=trail.attempts,
            group=self.group,
        )

    def _wait(self, seconds):
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(min(POLL_S, max(until - time.monotonic(), 0)))

    def _bury(self, message, trail, reason, error):
        topic = self.catalog.dlq_of(message.topic())
        logger.error(
            "%s [%d] @ %d was given up (%s): %s",
            message.topic(), message.partition(), message.offset(), reason, error,
        )
        if topic is not None:
            own = [item for item in message.headers() or [] if item[0] not in OWN_HEADERS]
            client_id = self._properties.get("client.id")
            headers = own + letter_headers(trail, self.group, reason, error, client_id)
            self.publisher.send(topic, message.value(), message.key(), headers)
            self.publisher.flush()
        return True

"""What can go wrong. The codes are those of the JavaScript package (docs/errors.md)."""


class KafkaClientError(Exception):
    code = "ERR_KAFKA"


class ConfigurationError(KafkaClientError):
    """Lists everything that is wrong at once; shows no secret."""

    code = "ERR_KAFKA_CONFIG"

    def __init__(self, problems):
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class EnvelopeError(KafkaClientError):
    """A message that is none of its topic's."""

    code = "ERR_KAFKA_ENVELOPE"


class InvalidEventError(KafkaClientError):
    """An event that does not fit its topic: nothing was sent."""

    code = "ERR_KAFKA_INVALID_EVENT"

    def __init__(self, topic, problems):
        super().__init__(f"The event does not fit {topic}: {'; '.join(problems)}")
        self.topic = topic
        self.problems = list(problems)


class DeliveryError(KafkaClientError):
    """The brokers do not have what was published: `failures` holds a line for each message."""

    code = "ERR_KAFKA_DELIVERY_TIMEOUT"

    def __init__(self, failures):
        super().__init__("\n".join(failures))
        self.failures = list(failures)


class NonRetriableError(KafkaClientError):
    """For handlers: this event can never be handled, so its dead letter is written at once."""

    code = "ERR_KAFKA_NON_RETRIABLE"

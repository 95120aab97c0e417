"""SPM's kafka_events: a publisher for each topic, with a method for each of its event types.

    from kafka_events import TaskEventPublisher
"""

from kafka_client import Topics, catalog, configuration
from messaging import Publisher


def _method(kind):
    def publish(self, data, key=None):
        return self.publish(kind, data, key)

    publish.__name__ = f"publish_{kind}"
    publish.__doc__ = f"Queues the event {kind} and returns it; close() waits for the brokers."
    return publish


class _EventPublisher:
    """One serves a process; making one for each event connects each time."""

    def __init_subclass__(cls, topic):
        cls.topic = topic
        for kind in catalog.topic(topic).events:
            setattr(cls, f"publish_{kind}", _method(kind))

    def __init__(self):
        self._publisher = Publisher(catalog, configuration())

    def publish(self, kind, data, key=None):
        """Raises InvalidEventError for what does not fit the catalog: nothing was sent then."""
        return self._publisher.publish(self.topic, data, kind, key)

    def close(self):
        """Returns when the brokers have everything. Raises DeliveryError for what they do not have."""
        self._publisher.close()


class TaskEventPublisher(_EventPublisher, topic=Topics.TASK_EVENTS):
    pass


class ProjectEventPublisher(_EventPublisher, topic=Topics.PROJECT_EVENTS):
    pass


class ScheduleEventPublisher(_EventPublisher, topic=Topics.SCHEDULE_EVENTS):
    pass


class UserEventPublisher(_EventPublisher, topic=Topics.USER_EVENTS):
    pass


class NotificationEventPublisher(_EventPublisher, topic=Topics.NOTIFICATION_EVENTS):
    pass

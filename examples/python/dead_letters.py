"""Headers of dead letters, as lib/service/subscription/trail.js writes and reads them: DLQHandler takes them up."""

import time
from dataclasses import dataclass

from envelopes import now

MESSAGE_CHARACTERS = 1_000
OWN_HEADERS = {
    *(f"origin.{name}" for name in ("topic", "partition", "offset", "timestamp")),
    *(f"retry.{name}" for name in ("group", "attempts", "first-failed-at", "not-before", "returns")),
    *(f"dlq.{name}" for name in ("reason", "error", "error-code", "message", "failed-at", "client")),
    *(f"dlq.{name}" for name in ("quarantined-at", "quarantine-reason")),
}


def _count(headers, name):
    text = headers.get(name) or ""
    return int(text) if text.isdecimal() else 0


@dataclass
class Trail:
    """Where a message was first, and what was tried. `group`: the only one that a returned message is for."""

    topic: str
    partition: str
    offset: str
    timestamp: str
    group: str | None
    attempts: int
    returns: int
    first_failed_at: int

    @classmethod
    def of(cls, message, headers):
        here = {
            "topic": message.topic(),
            "partition": str(message.partition()),
            "offset": str(message.offset()),
            "timestamp": str(message.timestamp()[1]),
        }
        returned = headers.get("origin.topic") is not None
        return cls(
            **{name: (headers.get(f"origin.{name}") if returned else None) or value for name, value in here.items()},
            group=headers.get("retry.group"),
            attempts=_count(headers, "retry.attempts"),
            returns=_count(headers, "retry.returns"),
            first_failed_at=_count(headers, "retry.first-failed-at"),
        )

    def failed(self):
        self.first_failed_at = self.first_failed_at or int(time.time() * 1_000)


def letter_headers(trail, group, reason, error, client_id):
    headers = {
        "origin.topic": trail.topic,
        "origin.partition": trail.partition,
        "origin.offset": trail.offset,
        "origin.timestamp": trail.timestamp,
        "retry.attempts": str(trail.attempts),
        "retry.returns": str(trail.returns),
        "retry.group": group,
        "dlq.reason": reason,
        "dlq.message": str(error)[:MESSAGE_CHARACTERS],
        "dlq.failed-at": now(),
        "dlq.error": type(error).__name__,
    }
    if trail.first_failed_at:
        headers["retry.first-failed-at"] = str(trail.first_failed_at)
    if getattr(error, "code", None) is not None:
        headers["dlq.error-code"] = str(error.code)
    if client_id:
        headers["dlq.client"] = client_id
    return list(headers.items())

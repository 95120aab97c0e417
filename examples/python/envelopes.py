"""What stands around a payload on the wire: the same bytes as lib/service/envelopes writes."""

import json
import math
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

from errors import EnvelopeError

CORRELATION_HEADER = "correlation-id"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Read:
    """A message, read: the event in its document's shape, and what its schema and its handler want to know."""

    event: dict
    type: str | None
    id: str | None
    payload: dict
    correlation_id: str | None


def now():
    """As JavaScript's toISOString()."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_javascript(value):
    """JavaScript has one kind of number: 3.0 is 3."""
    if isinstance(value, dict):
        return {name: _as_javascript(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_javascript(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def to_bytes(event):
    """JSON as JavaScript's JSON.stringify() writes it. Raises TypeError or ValueError for what JSON cannot hold."""
    return json.dumps(_as_javascript(event), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def _body(value, envelope):
    try:
        body = json.loads(value.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise EnvelopeError(f"Not a message of the envelope {envelope}: the value is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise EnvelopeError(f"Not a message of the envelope {envelope}: the value is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise EnvelopeError(f"Not a message of the envelope {envelope}: expected a JSON object")
    return body


def _is_text(value):
    return isinstance(value, str) and value != ""


class EasyFlow:
    """Flat messages: an event is its own payload."""

    name = "easyflow"

    def wrap(self, kind, data, correlation_id=None):
        return data

    def read(self, value, headers):
        event = _body(value, self.name)
        kind, identity = self._shown(event)
        return Read(
            event=event,
            type=headers.get("event-type") or kind,
            id=headers.get("event-id") or identity,
            payload=event,
            correlation_id=headers.get(CORRELATION_HEADER),
        )

    def _shown(self, event):
        is_update = _is_text(event.get("entityId")) and _is_text(event.get("entityType"))
        kind = event.get("type") if _is_text(event.get("type")) else "status_update" if is_update else None
        times = (event.get(name) for name in ("completedAt", "createdAt", "timestamp"))
        time = next((t for t in times if isinstance(t, str) and DATE_TIME.fullmatch(t)), None)
        subject = event.get("taskId") or event.get("workflowId")
        if is_update:
            subject = f"{event['entityType']}/{event['entityId']}"
        status = event.get("status")
        identified = _is_text(subject) and _is_text(status) and time is not None
        return kind, f"{subject}:{status}:{time}" if identified else None


class Spm:
    """`{event_type, event_id, timestamp, data, metadata}`"""

    name = "spm"

    def wrap(self, kind, data, correlation_id=None):
        event = {"event_type": kind, "event_id": str(uuid.uuid4()), "timestamp": now(), "data": data}
        if correlation_id is not None:
            event["metadata"] = {"correlation_id": correlation_id}
        return event

    def read(self, value, headers):
        event = _body(value, self.name)
        self._need(_is_text(event.get("event_type")), "a string for event_type")
        self._need(isinstance(event.get("data"), dict), "an object for data")
        metadata = event.get("metadata") or {}
        self._need(isinstance(metadata, dict), "an object for metadata")
        identity, time = event.get("event_id"), event.get("timestamp")
        self._need(identity is None or _is_text(identity), "a string for event_id")
        self._need(
            time is None or (isinstance(time, str) and DATE_TIME.fullmatch(time)),
            "a date and time for timestamp",
        )
        return Read(
            event=event,
            type=event["event_type"],
            id=identity,
            payload=event["data"],
            correlation_id=headers.get(CORRELATION_HEADER) or metadata.get("correlation_id"),
        )

    def _need(self, holds, what):
        if not holds:
            raise EnvelopeError(f"Not a message of the envelope {self.name}: expected {what}")


ENVELOPES = {envelope.name: envelope for envelope in (EasyFlow(), Spm())}

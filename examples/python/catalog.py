"""The catalogs in lib/service/catalogs for Python: both languages have their topics, events and defaults from there."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft7Validator

CATALOGS = Path(__file__).resolve().parents[2] / "lib" / "service" / "catalogs"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LEGAL_TOPIC = re.compile(r"(?!\.\.?$)[A-Za-z0-9._-]{1,249}")


@dataclass(frozen=True)
class Topic:
    id: str
    name: str
    key: str | None
    envelope: str | None
    events: tuple
    otherwise: str | None
    has_dlq: bool


def _listed(value):
    return [value] if isinstance(value, str) else list(value or [])


def _expand(schema, definitions):
    """A reference and what stands beside it, as one schema."""
    if isinstance(schema, list):
        return [_expand(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    beside = {name: _expand(value, definitions) for name, value in schema.items() if name != "$ref"}
    if "$ref" not in schema:
        return beside
    target = schema["$ref"].removeprefix("#/definitions/")
    return {**_expand(definitions[target], definitions), **beside}


def _text(value):
    """As JavaScript writes it; None for what has no text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) and value != "" else None


def _field(event, path):
    for name in path.split("."):
        if not isinstance(event, dict) or name not in event:
            return None
        event = event[name]
    return _text(event)


class Catalog:
    """Topics, events and groups of one system. `env`: variables that rename topics."""

    def __init__(self, data, env):
        self.name = data["name"]
        self.producer = data.get("producer", {})
        self.consumer = data.get("consumer", {})
        self._dlq = data.get("dlq", {}).get("name")
        self._groups = {group["id"]: group for group in data.get("groups", [])}
        self._topics = {topic["id"]: self._topic(data, topic, env) for topic in data["topics"]}
        self._by_name = {topic.name: topic for topic in self._topics.values()}
        if len(self._by_name) < len(self._topics):
            names = sorted(topic.name for topic in self.topics)
            raise ValueError(f"Expected a name that no other topic has for {self.name} but received {names}")
        definitions = data.get("definitions", {})
        self._validators = {
            kind: Draft7Validator(
                _expand(event["schema"], definitions), format_checker=Draft7Validator.FORMAT_CHECKER
            )
            for kind, event in data["events"].items()
        }

    def _topic(self, data, topic, env):
        variable = topic.get("env")
        name = (variable and env.get(variable)) or topic.get("name", topic["id"])
        if not LEGAL_TOPIC.fullmatch(PLACEHOLDER.sub("x", name)):
            raise ValueError(f"Expected a topic's name for {variable} but received '{name}'")
        defaults = data.get("defaults", {})
        return Topic(
            id=topic["id"],
            name=name,
            key=topic.get("key", defaults.get("key")),
            envelope=next(iter(_listed(topic.get("envelope", defaults.get("envelope")))), None),
            events=tuple(_listed(topic.get("events"))),
            otherwise=topic.get("otherwise"),
            has_dlq=topic.get("dlq", self._dlq is not None),
        )

    @property
    def topics(self):
        return list(self._topics.values())

    @property
    def constants(self):
        """`{"TASK_EVENTS": "task-events"}`: names by the upper-case form of the ids."""
        return {re.sub(r"[^A-Za-z0-9]+", "_", t.id).upper(): t.name for t in self.topics}

    def topic(self, id_or_name):
        found = self._topics.get(id_or_name) or self._by_name.get(id_or_name)
        if found is None:
            known = ", ".join(self._topics)
            raise ValueError(f"Expected a topic of the catalog {self.name} ({known}) but received {id_or_name!r}")
        return found

    def starts_at(self, group):
        """Where a group without committed offsets begins: 'earliest' or 'latest'."""
        if group in self._groups:
            return self._groups[group].get("from", "latest")
        return "earliest" if self.consumer.get("fromBeginning") else "latest"

    def dlq_of(self, name):
        return self._dlq.replace("{topic}", name) if self._dlq and self.topic(name).has_dlq else None

    def type_of(self, name, kind):
        """The event that a message is, from the type its envelope found."""
        topic = self.topic(name)
        return kind if kind in topic.events else topic.otherwise or kind

    def key_of(self, name, event):
        """By the topic's rule, `{a.b|c}`; None where a placeholder finds nothing."""
        missing = []

        def fill(match):
            texts = (_field(event, path) for path in match[1].split("|"))
            text = next((found for found in texts if found is not None), None)
            if text is None:
                missing.append(match[1])
            return text or ""

        rule = self.topic(name).key
        text = PLACEHOLDER.sub(fill, rule) if rule else None
        return None if missing else text

    def problems(self, kind, payload):
        """What is wrong with a payload: a line for each thing, none when nothing is."""
        validator = self._validators.get(kind)
        if validator is None:
            return [f"type: expected an event type of the catalog {self.name} but received {kind!r}"]
        errors = sorted(validator.iter_errors(payload), key=lambda error: error.json_path)
        return [f"{error.json_path.removeprefix('$').lstrip('.') or 'it'}: {error.message}" for error in errors]


def load_catalog(name, env=os.environ):
    folder = Path(env.get("EASYFLOW_KAFKA_CATALOGS") or CATALOGS)
    return Catalog(json.loads((folder / f"{name}.json").read_text("utf-8")), env)

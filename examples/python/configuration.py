"""Where the cluster is: environment > client.properties > the system's defaults, for each setting by itself."""

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

import javaproperties

from errors import ConfigurationError

LEVELS = {
    "NOTHING": logging.CRITICAL + 1,
    "CRITICAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "WARNING": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
}
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
BROKER = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}")
JAAS = re.compile(r"""\b(username|password)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)')""")
# Files made for several programs at once carry these too.
OF_OTHERS = ("schema.registry.", "basic.auth.")

logger = logging.getLogger("easyflow_kafka")


def _brokers(text):
    brokers = [broker.strip() for broker in text.split(",")]
    return ",".join(brokers) if all(BROKER.fullmatch(broker) for broker in brokers) else None


def _one_of(*choices):
    return lambda text: text.strip().upper() if text.strip().upper() in choices else None


@dataclass(frozen=True)
class Setting:
    """`read`: a text to a value, None for what is no such value."""

    property: str
    variables: tuple
    read: callable
    expected: str
    aliases: tuple = ()
    is_secret: bool = False


SETTINGS = (
    Setting(
        "bootstrap.servers",
        ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BROKERS"),
        _brokers,
        "host:port[,host:port…]",
        aliases=("metadata.broker.list",),
    ),
    Setting("client.id", ("KAFKA_CLIENT_ID",), str, "a non-empty string"),
    Setting("group.id", ("KAFKA_GROUP_ID",), str, "a non-empty string"),
    Setting("security.protocol", ("KAFKA_SECURITY_PROTOCOL",), _one_of(*PROTOCOLS), ", ".join(PROTOCOLS)),
    Setting(
        "sasl.mechanisms",
        ("KAFKA_SASL_MECHANISMS", "KAFKA_SASL_MECHANISM"),
        _one_of(*MECHANISMS),
        ", ".join(MECHANISMS),
        aliases=("sasl.mechanism",),
    ),
    Setting("sasl.username", ("KAFKA_SASL_USERNAME",), str, "a non-empty string"),
    Setting("sasl.password", ("KAFKA_SASL_PASSWORD",), str, "a non-empty string", is_secret=True),
)


@dataclass(frozen=True)
class Configuration:
    """`properties`: of librdkafka, for both clients. `is_default`: nobody has said where the cluster is."""

    properties: dict
    group_id: str | None
    is_default: bool


def _from_text(setting, origin, text, problems):
    value = setting.read(text) if text else None
    if value is None:
        shown = "a secret value" if setting.is_secret else f"'{text}'"
        problems.append(f"{origin}: expected {setting.expected} but received {shown}")
    return value


def _environment(env, problems):
    found = {}
    for setting in SETTINGS:
        # A variable that is set to nothing counts as not set.
        for variable in (name for name in setting.variables if env.get(name)):
            value = _from_text(setting, variable, env[variable], problems)
            other = found.setdefault(setting.property, value)
            if None not in (value, other) and value != other:
                problems.append(f"{variable}: does not agree with {setting.variables[0]}: set only one of them")
    return found


def _file(env, problems):
    named = env.get("KAFKA_CLIENT_PROPERTIES")
    path = Path(named or "client.properties")
    if not named and not path.exists():
        return {}
    try:
        entries = javaproperties.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        problems.append(f"{path}: cannot be read: {error}")
        return {}
    found = {}
    settings = {name: setting for setting in SETTINGS for name in (setting.property, *setting.aliases)}
    for name, text in entries.items():
        if name == "sasl.jaas.config":
            parts = {part: double or single for part, double, single in JAAS.findall(text)}
            if set(parts) != {"username", "password"}:
                problems.append(f'{path} ({name}): expected username="…" password="…" in the login line')
            for part, value in parts.items():
                found[f"sasl.{part}"] = re.sub(r"\\(.)", r"\1", value)
        elif name in settings:
            setting = settings[name]
            found[setting.property] = _from_text(setting, f"{path} ({name})", text.strip(), problems)
        elif not name.startswith(OF_OTHERS):
            found[name] = text.strip()
    return found


def _check_sasl(properties, problems):
    protocol = properties.get("security.protocol", "PLAINTEXT")
    wants_sasl = protocol.startswith("SASL")
    for name in ("sasl.username", "sasl.password"):
        if wants_sasl and name not in properties:
            variable = next(s.variables[0] for s in SETTINGS if s.property == name)
            where = f"{variable} (or {name} in client.properties)"
            problems.append(f"security.protocol: {protocol} needs {where}, which is missing")
        elif not wants_sasl and name in properties:
            problems.append(f"{name}: needs a security protocol of SASL_SSL or SASL_PLAINTEXT, but it is {protocol}")
    if wants_sasl:
        properties.setdefault("sasl.mechanisms", "PLAIN")


def _set_log_level(env, problems):
    name = env.get("KAFKA_LOG_LEVEL") or "ERROR"
    if name.strip().upper() in LEVELS:
        logger.setLevel(LEVELS[name.strip().upper()])
    else:
        problems.append(f"KAFKA_LOG_LEVEL: expected {', '.join(LEVELS)} but received '{name}'")


def configure(defaults, env=os.environ):
    """Reads all sources. Raises one ConfigurationError for everything that is wrong."""
    problems = []
    _set_log_level(env, problems)
    file = _file(env, problems)
    environment = _environment(env, problems)
    given = {**file, **environment}
    if not problems:
        _check_sasl(given, problems)
    if problems:
        raise ConfigurationError(problems)
    properties = {**defaults, **given}
    group_id = properties.pop("group.id", None)
    return Configuration(properties, group_id, is_default="bootstrap.servers" not in given)

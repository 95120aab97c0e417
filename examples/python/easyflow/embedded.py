"""The embedded broker that the JavaScript examples share: examples/lib/embedded-host.js starts it, docs/examples.md."""

import json
import os
import socket
import tempfile
from pathlib import Path

ANSWER_S = 5

# What it needs: it lets a fetch of an empty partition wait its whole time out, and a member that comes to a group after
# the last one has left for a second less than the session timeout.
CONSUMER = {"fetch.wait.max.ms": 10, "session.timeout.ms": 3_000, "heartbeat.interval.ms": 500}


def _address():
    folder = Path(tempfile.gettempdir()) / f"easyflow-kafka-examples-{os.getuid()}"
    try:
        info = folder.lstat()
        # Else another user could hand us his broker.
        if info.st_uid != os.getuid() or info.st_mode & 0o022:
            return None
        return json.loads((folder / "broker.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def join_embedded_broker():
    """
    (bootstrap servers, lease), or None when no such broker runs. It ends soon after its last lease is closed, be it
    because the process has ended.
    """
    address = _address()
    if address is None:
        return None
    try:
        lease = socket.create_connection(("127.0.0.1", address["port"]), ANSWER_S)
        lease.sendall(f"{address['nonce']}\n".encode())
        with lease.makefile("rb") as answers:
            answer = json.loads(answers.readline())
        # A file of a dead broker: its port may be another program's now.
        if answer["nonce"] != address["nonce"]:
            return None
        lease.settimeout(None)
        return answer["bootstrapServers"], lease
    except (OSError, ValueError, KeyError, TypeError):
        return None

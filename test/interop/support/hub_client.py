"""A client of StatusHub on Python's websockets: an implementation of RFC 6455 that shares nothing with ours.

argv: URL. Subscribes to task/*, prints every message as a line of JSON, tells what else it did in lines of its own, and
closes when an update has "last": true.
"""

import json
import sys

from websockets.sync.client import connect


def show(value):
    print(json.dumps(value), flush=True)


def main(url):
    with connect(url, subprotocols=["easyflow-status.v1"]) as socket:
        show(
            {
                "subprotocol": socket.subprotocol,
                "extensions": [extension.name for extension in socket.protocol.extensions],
            }
        )
        # In fragments, as any client may.
        socket.send(['{"type":"subscribe","id":1,', '"channels":["task/*"]', "}"])
        # A ping between; the pong has to carry the same bytes.
        show({"pong": socket.ping(b"\x00\xff bytes").wait(30)})
        for text in socket:
            message = json.loads(text)
            show(message)
            if message["type"] == "update" and message["data"].get("last"):
                break
    show({"closed": socket.close_code})


main(sys.argv[1])

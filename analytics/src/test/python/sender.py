"""Segment's library for Python with its own settings: sends all calls, flushes and ends.

By the same rule as calls.js.
"""

import sys
from datetime import datetime, timedelta, timezone

from segment.analytics.client import Client

CALLS = ["track", "identify", "page", "screen", "group", "alias"]
BEGIN = datetime(2025, 3, 30, 0, 30, tzinfo=timezone.utc)


def send(client, n):
    call = CALLS[n % len(CALLS)]
    said = {"n": n, "price": 1.5, "word": "Grüße 😀"}
    own = {
        "track": {"event": "Bought", "properties": said},
        "identify": {"traits": said},
        "page": {"name": "Cart", "properties": said},
        "screen": {"name": "Cart", "properties": said},
        "group": {"group_id": f"g{n}", "traits": said},
        "alias": {"previous_id": f"p{n}"},
    }[call]
    if call != "alias":
        own["anonymous_id"] = f"a{n}"
    getattr(client, call)(
        user_id=f"u{n}", timestamp=BEGIN + timedelta(seconds=n), context={"locale": "de-AT"}, **own
    )


host, write_key = sys.argv[1:]
failures = []
client = Client(write_key, host=host, on_error=lambda error, batch: failures.append(error))
for n in range(1000):
    send(client, n)
client.shutdown()
sys.exit("\n".join(map(str, failures)) or 0)

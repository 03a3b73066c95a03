"""A shop's program with posthog, the client for Python."""

import json
import sys
from datetime import UTC, datetime

from posthog import Posthog

job = json.loads(sys.argv[1])
client = Posthog(job["key"], host=job["host"], **job["options"])

BEFORE = datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def calls(user: str, anonymous: str, email: str) -> None:
    """Every call once."""
    client.set(distinct_id=user, properties={"email": email, "name": "王玲", "vip": True})
    client.set_once(distinct_id=user, properties={"first_channel": "wechat"})
    client.capture(
        "Product Viewed", distinct_id=user, properties=job["product"], timestamp=BEFORE, uuid="fb1117b4-7a8c-4306-ba41-7440ad3ce0b1"
    )
    client.capture("Products Searched", distinct_id=anonymous, properties={"query": "green tea", "$process_person_profile": False})
    page = {"$current_url": "https://shop.test/tea?utm_source=weibo&utm_medium=social", "title": "Home"}
    client.capture("$pageview", distinct_id=user, properties=page)
    client.group_identify("store", "g1", {"name": "Store A"})
    client.alias(previous_id=anonymous, distinct_id=user)
    client.capture("Order Completed", distinct_id=user, properties=job["order"], groups={"store": "g1"})
    assert not client.feature_enabled("new-cart", user)
    client.flush()


for line in sys.stdin:
    verb, *rest = line.split()
    if verb == "calls":
        calls(*rest)
    elif verb == "send":
        for number in range(int(rest[0]), int(rest[1])):
            client.capture("Numbered", distinct_id="1001", properties={"number": number})
    elif verb == "flush":
        client.flush()
    print("done", verb)
client.shutdown()

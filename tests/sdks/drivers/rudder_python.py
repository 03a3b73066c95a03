"""A shop's program with rudder-sdk-python."""

import json
import sys
from datetime import UTC, date, datetime

import rudderstack.analytics as analytics

job = json.loads(sys.argv[1])
analytics.write_key = job["key"]
analytics.dataPlaneUrl = job["host"]
for name, value in job["options"].items():
    setattr(analytics, name, value)

BEFORE = datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def calls(user: str, anonymous: str, email: str) -> None:
    """Every call once."""
    analytics.identify(user, {"email": email, "name": "王玲", "vip": True, "since": date(2024, 5, 6)})
    analytics.track(user, "Product Viewed", job["product"], timestamp=BEFORE, message_id="m-fixed-1")
    analytics.track(anonymous_id=anonymous, event="Products Searched", properties={"query": "green tea"})
    analytics.page(user, "Shop", "Home", {"url": "https://shop.test/tea?utm_source=weibo&utm_medium=social"})
    analytics.screen(user, "App", "Cart")
    analytics.group(user, "g1", {"name": "Store A"})
    analytics.alias(anonymous, user)
    analytics.track(user, "Order Completed", job["order"])
    analytics.flush()


for line in sys.stdin:
    verb, *rest = line.split()
    if verb == "calls":
        calls(*rest)
    elif verb == "send":
        for number in range(int(rest[0]), int(rest[1])):
            analytics.track("1001", "Numbered", {"number": number})
    elif verb == "flush":
        analytics.flush()
    print("done", verb)
analytics.shutdown()

"""What is put into a shop so that it sends: the few lines for each SDK, with this installation's address and the source's key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines for one way of sending; `note` is a key of the pages' words."""

    code: str
    name: str
    note: str
    lines: str


NOTE_WORDS = {
    "tracker": "Put it into the head of every page. Page views, product views, carts, searches and page speed follow by themselves.",
    "segment_browser": "Only the address changes: the calls you have stay as they are.",
    "segment_python": "Only the host changes: the calls you have stay as they are.",
    "segment_node": "Only the host changes: the calls you have stay as they are.",
    "rudder": "Only the two addresses change: the calls you have stay as they are.",
    "rudder_server": "Only the data plane's address changes: the calls you have stay as they are.",
    "posthog": "Only the address changes. Events, identities and page views are taken; flags and recordings are not.",
    "posthog_server": "Only the host changes: the calls you have stay as they are.",
    "curl": "Any program that can send JSON. The same message number sent again is taken once.",
    "webhook": "For shop systems and forms that call an address. Any JSON object arrives as the event Webhook Received.",
}


def snippets(base_url: str, key: str) -> list[Snippet]:
    """Every way, for an installation at `base_url`."""
    parts = urlsplit(base_url)
    host = parts.netloc
    message = {
        "type": "track",
        "event": "Product Viewed",
        "userId": "17850",
        "messageId": "first-1",
        "properties": {"product_id": "p1", "price": 19.9, "currency": "CNY"},
    }
    return [
        Snippet("tracker", "Tracker", "tracker", f'<script async src="{base_url}/t.js" data-key="{key}"></script>'),
        Snippet(
            "segment",
            "Segment · browser",
            "segment_browser",
            "import { AnalyticsBrowser } from '@segment/analytics-next'\n\n"
            "export const analytics = AnalyticsBrowser.load(\n"
            f"  {{ writeKey: '{key}', cdnURL: '{base_url}' }},\n"
            f"  {{ integrations: {{ 'Segment.io': {{ apiHost: '{host}/v1', protocol: '{parts.scheme}' }} }} }},\n"
            ")",
        ),
        Snippet(
            "segment_python",
            "Segment · Python",
            "segment_python",
            f"import segment.analytics as analytics\n\nanalytics.write_key = '{key}'\nanalytics.host = '{base_url}'",
        ),
        Snippet(
            "segment_node",
            "Segment · Node",
            "segment_node",
            "import { Analytics } from '@segment/analytics-node'\n\n"
            f"const analytics = new Analytics({{ writeKey: '{key}', host: '{base_url}' }})",
        ),
        Snippet(
            "rudder",
            "RudderStack · browser",
            "rudder",
            "import { RudderAnalytics } from '@rudderstack/analytics-js'\n\n"
            "const analytics = new RudderAnalytics()\n"
            f"analytics.load('{key}', '{base_url}', {{ configUrl: '{base_url}' }})",
        ),
        Snippet(
            "rudder_server",
            "RudderStack · Node, Python",
            "rudder_server",
            "import RudderAnalytics from '@rudderstack/rudder-sdk-node'\n\n"
            f"const analytics = new RudderAnalytics('{key}', {{ dataPlaneUrl: '{base_url}' }})\n\n\n"
            "import rudderstack.analytics as rudder_analytics\n\n"
            f"rudder_analytics.write_key = '{key}'\n"
            f"rudder_analytics.dataPlaneUrl = '{base_url}'",
        ),
        Snippet(
            "posthog",
            "PostHog · browser",
            "posthog",
            f"import posthog from 'posthog-js'\n\nposthog.init('{key}', {{ api_host: '{base_url}' }})",
        ),
        Snippet(
            "posthog_server",
            "PostHog · Node, Python",
            "posthog_server",
            "import { PostHog } from 'posthog-node'\n\n"
            f"const client = new PostHog('{key}', {{ host: '{base_url}' }})\n\n\n"
            "from posthog import Posthog\n\n"
            f"posthog = Posthog('{key}', host='{base_url}')",
        ),
        Snippet(
            "curl",
            "curl",
            "curl",
            f"curl {base_url}/v1/track \\\n  -u '{key}:' \\\n  -H 'Content-Type: application/json' \\\n  -d '{json.dumps(message)}'",
        ),
        Snippet("webhook", "Webhook", "webhook", f"{base_url}/v1/webhook?writeKey={key}"),
    ]


def first_choice(kind: str) -> str:
    """The lines that fit a kind of source best."""
    return {"browser": "tracker", "webhook": "webhook"}.get(kind, "curl")

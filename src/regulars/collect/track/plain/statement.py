"""The statement that takes requests apart and shapes their messages, and the conditions under which a message is plain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from regulars.collect.identity.domain.ids import PLACEHOLDERS
from regulars.collect.track.domain.clocks import EARLIEST, FUTURE
from regulars.collect.track.domain.dialects import CALLS
from regulars.collect.track.domain.shaping import CONTEXT_KNOWN, TEXT_LENGTH, TEXTS
from regulars.events import ecommerce

#: Fields of a message, of its context, of its page, and of its properties.
_MESSAGE = (
    "type", "event", "name", "category", "userId", "anonymousId", "messageId", "message_id", "timestamp", "originalTimestamp",
    "sentAt", "sessionId", "properties", "traits", "context",
)  # fmt: skip
_CONTEXT = ("page", "campaign", "userAgent", "library", "locale", "sessionId", "history", "referrer")
_PAGE = ("url", "referrer", "title")
_MORE_TEXTS = ("name", "title", "url", "$current_url", "$raw_user_agent")
_PROPERTIES = (*TEXTS, *_MORE_TEXTS, "price", "quantity", "position", "duration_ms")
#: Properties whose types `_ODD_PROPERTIES` vouches for; of events with others that have a specification the whole structure is told.
VOUCHED = {
    **dict.fromkeys((*TEXTS, *_MORE_TEXTS), "VARCHAR"),
    "price": "DOUBLE",
    "quantity": "DOUBLE",
    "position": "UBIGINT",
    "duration_ms": "UBIGINT",
}
_STRUCTURED = {name for spec in ecommerce.SPECS.values() for prop in spec.properties for name in prop.names} - set(VOUCHED)

#: Longer messages are looked at one by one, as they may be too large; longer pages, as their parts are cut.
_LONGEST_MESSAGE = 30_000
_LONGEST_PAGE = 4_000
_SEPARATOR = "chr(31)"

_TIME = r"^\"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\"$"
_INTEGER = r"^-?[0-9]{1,15}$"


def _any(names: Iterable[str]) -> str:
    return "|".join(name.replace("$", r"\$") for name in names)


#: What in properties asks for a closer look: texts with blanks around them or empty, large numbers, and values of another type than
#: their names promise. Anywhere in them, so that a plain message is sometimes taken for an odd one, never the other way round.
_ODD_PROPERTIES = "|".join(
    (
        r"\"[\s\p{Z}]|[\s\p{Z}]\"|:\"\"|:-?[0-9]{12}|:-?[0-9.]+[eE]|:-?[0-9]*\.[0-9]{5}",
        rf"\"({_any(TEXTS)})\":([\[{{tf-]|[0-9]+\.)",
        rf"\"({_any(_MORE_TEXTS)})\":[^\"n]",
        r"\"price\":[^0-9n-]|\"quantity\":([^0-9n-]|-?[0-9]+\.[0-9]{4})|\"(total|revenue|value)\":[^n]",
        r"\"(position|duration_ms)\":([^0-9n]|[0-9]+\.|[0-9]{10})",
        r"\"currency\":\"([^\"]{0,2}\"|[^\"]{4}|[A-Za-z]{0,2}[^A-Za-z\"])",
    )
)
_BLANKS = r"^\"[\s\p{Z}]|[\s\p{Z}]\"$"
#: What a client says of consent, traits of whoever acted, and values that are left out of what is kept of a context.
_ODD_CONTEXT = r"\"(consent|gpc|globalPrivacyControl|dnt|doNotTrack)\":|\"traits\":\s*\{\s*\""
_ODD_REST = r":(null|\{\}|\"\")"
_LEFT_OUT = "{" + ",".join(f'"{name}":null' for name in sorted(CONTEXT_KNOWN)) + "}"


def _form(names: Iterable[str], kind: str) -> str:
    return "{" + ",".join(f'"{name}":"{kind}"' for name in names) + "}"


def _columns(of: str, names: Iterable[str], prefix: str) -> str:
    return ", ".join(f'{of}."{name}"::VARCHAR AS "{prefix}{name}"' for name in names)


def _named(values: Mapping[str, str]) -> str:
    return ", ".join(f'{value} AS "{name}"' for name, value in values.items())


def _text(column: str) -> str:
    """The text that a JSON text without escapes says; null where it is none."""
    return f"CASE WHEN starts_with({column}, '\"') THEN replace({column}, '\"', '') END"


def _filled(column: str) -> str:
    """As `_text`; null where it is empty, too."""
    return f"nullif({_text(column)}, '')"


def _scalar(column: str) -> str:
    """The text of a text or a whole number, if it is either."""
    return f"nullif(replace({column}, '\"', ''), '')"


def _cut(expression: str) -> str:
    return f"left({expression}, {TEXT_LENGTH})"


def _matches(column: str, pattern: str) -> str:
    return f"({column} IS NULL OR regexp_matches({column}, '{pattern}'))"


def _text_or_none(column: str) -> str:
    return f"({column} IS NULL OR starts_with({column}, '\"'))"


def _object_or_none(column: str) -> str:
    return f"({column} IS NULL OR starts_with({column}, '{{'))"


def _text_or_number(column: str) -> str:
    return f"({column} IS NULL OR starts_with({column}, '\"') OR regexp_matches({column}, '{_INTEGER}'))"


def _moment(column: str) -> str:
    return f"CASE WHEN {column} IS NOT NULL THEN try_cast(substring({column}, 2, strlen({column}) - 3) AS TIMESTAMP) END"


_KINDS = (
    "CASE kind "
    + " ".join(f"WHEN '{call}' THEN '\"{kind}\"'" for call, kind in CALLS.items() if kind in ("track", "page", "screen"))
    + " END"
)
_ILLEGAL = ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(PLACEHOLDERS))
_OF_CONTEXT = " AND ".join(
    (
        _object_or_none("context"),
        f"NOT regexp_matches(context, '{_ODD_CONTEXT}')",
        f"(c_page IS NULL OR ({_object_or_none('c_page')} AND length(c_page) < {_LONGEST_PAGE}))",
        _text_or_none("g_url"),
        _text_or_none("g_referrer"),
        _text_or_none("g_title"),
        _object_or_none("c_campaign"),
        _object_or_none("c_library"),
        _text_or_none("c_userAgent"),
        _text_or_none("c_referrer"),
        _text_or_number("c_sessionId"),
        f"(rest IS NULL OR NOT regexp_matches(rest, '{_ODD_REST}'))",
    )
)
_PLAIN = " AND ".join(
    (
        f"strlen(m) < {_LONGEST_MESSAGE}",
        r"NOT contains(m, '\')",
        "type IN ('\"track\"', '\"page\"', '\"screen\"')",
        "traits IS NULL",
        "messageId IS NOT NULL",
        r"regexp_matches(messageId, '^\"[!#-\[\]-~]{1,200}\"$')",
        _matches("told_timestamp", _TIME),
        _matches("originalTimestamp", _TIME),
        f"CASE WHEN sent IS NULL THEN outer_even ELSE sent_at IS NOT NULL AND regexp_matches(sent, '{_TIME}') END",
        "(told_timestamp IS NULL OR told_at IS NOT NULL)",
        "(originalTimestamp IS NULL OR own_at IS NOT NULL)",
        f"happened <= received_at + INTERVAL {int(FUTURE.total_seconds())} SECOND",
        f"happened >= TIMESTAMP '{EARLIEST:%Y-%m-%d %H:%M:%S}'",
        _text_or_number("sessionId"),
        f"(category IS NULL OR NOT regexp_matches(category, '{_BLANKS}'))",
        # Ids that stay as they are or become a visitor's; those that could name a person, a group or nobody are looked at one by one.
        "(user_id IS NOT NULL OR anonymous_told IS NOT NULL)",
        f"({_text_or_number('userId')} AND (user_id IS NULL OR (regexp_full_match(user_id, '[A-Za-z0-9_.:#/-]{{1,127}}')"
        r" AND regexp_matches(user_id, '^[^0-9]{0,63}[0-9]') AND NOT regexp_full_match(user_id, '(\+?86)?1[3-9]\d{9}|\+[1-9]\d{7,14}')"
        f" AND NOT starts_with(user_id, 'v_') AND NOT starts_with(user_id, 'x_') AND lower(user_id) NOT IN ({_ILLEGAL}))))",
        f"({_text_or_none('anonymousId')} AND (anonymous_told IS NULL OR (regexp_full_match(anonymous_told, '[A-Za-z0-9_.:|+=/-]{{1,200}}')"
        f" AND lower(anonymous_told) NOT IN ({_ILLEGAL}))))",
        "(properties IS NULL OR is_even)",
        '(p_product_id IS NULL OR "p_productId" IS NULL) AND (p_order_id IS NULL OR "p_orderId" IS NULL)',
        """CASE WHEN type = '"track"' THEN true ELSE properties IS NULL OR NOT regexp_matches(properties, '"(name|category)":null') END""",
        f"CASE WHEN context IS NULL THEN true ELSE {_OF_CONTEXT} END",
    )
)

#: A page's or a screen's own name and category, told beside its properties, go before them, unless those tell them too.
_NAMED = f"""'{{' || concat_ws(',',
        CASE WHEN {_text("name")} IS NOT NULL AND p_name IS NULL THEN '"name":' || name END,
        CASE WHEN {_text("category")} IS NOT NULL AND p_category IS NULL THEN '"category":' || category END,
        nullif(substring(properties, 2, length(properties) - 2), '')) || '}}'"""
_NOT_TRACK = "type <> '\"track\"'"

#: Values that others are made of are made in steps of their own: the engine makes what stands in a condition anew at each place.
_READ: dict[str, str] = {
    "message_id": "replace(messageId, '\"', '')",
    "user_id": _scalar("userId"),
    "anonymous_told": _filled("anonymousId"),
    "told_at": _moment("told_timestamp"),
    "own_at": _moment("originalTimestamp"),
    "sent_at": f"CASE WHEN sent IS NULL THEN outer_at ELSE {_moment('sent')} END",
    "product_id": _cut('coalesce(p_product_id, "p_productId", p_sku)'),
    "page_url": f"coalesce(CASE WHEN type = '\"track\"' THEN {_text('g_url')} ELSE coalesce({_filled('g_url')}, p_url) END, \"p_$current_url\", '')",
    "page_referrer": f"coalesce({_filled('g_referrer')}, {_text('c_referrer')}, '')",
}
_DATED: dict[str, str] = {
    "happened": """CASE WHEN told_at IS NOT NULL THEN told_at WHEN own_at IS NULL THEN received_at WHEN sent_at IS NULL THEN own_at
        ELSE received_at - (sent_at - own_at) END""",
}

#: Columns of the events table that the statement makes; what is looked up by different values is put beside them.
_VALUES: dict[str, str] = {
    "source_id": "source_id",
    "event_key": "(md5_number_lower($shop || chr(0) || source_id || chr(0) || message_id) // 2)::BIGINT",
    "event": f"CASE type WHEN '\"track\"' THEN {_text('event')} WHEN '\"page\"' THEN 'Page Viewed' ELSE 'Screen Viewed' END",
    "is_known": "user_id IS NOT NULL",
    "original_at": "coalesce(own_at, told_at)",
    "received_at": "received_at",
    "session_id": f"left(coalesce(nullif({_scalar('c_sessionId')}, '0'), nullif({_scalar('sessionId')}, '0')), 100)",
    "product_name": f"CASE WHEN type = '\"track\"' AND product_id IS NOT NULL THEN {_cut('p_name')} END",
    "category_told": _cut(f"coalesce(p_category, CASE WHEN {_NOT_TRACK} THEN {_filled('category')} END)"),
    "brand": _cut("p_brand"),
    "variant": _cut("p_variant"),
    "price": "try_cast(p_price AS DECIMAL(18, 4))",
    "quantity": "try_cast(p_quantity AS DECIMAL(18, 3))",
    "currency": "p_currency",
    "order_id": _cut("coalesce(p_order_id, \"p_orderId\")"),
    "coupon": _cut("p_coupon"),
    "list_id": _cut("p_list_id"),
    "position": "try_cast(p_position AS INTEGER)",
    "query": _cut("p_query"),
    "title": f"coalesce({_cut(_filled('g_title'))}, CASE WHEN {_NOT_TRACK} THEN coalesce({_cut('p_title')}, {_cut('coalesce(p_name, ' + _filled('name') + ')')}) END)",
    "locale": _cut(_filled("c_locale")),
    "duration_ms": "try_cast(p_duration_ms AS BIGINT)",
    "library": _cut(_filled("library_name")),
    "is_history": "coalesce(c_history = 'true', false)",
    "kept": f"CASE WHEN type = '\"track\"' OR ({_text('name')} IS NULL AND {_text('category')} IS NULL) THEN coalesce(properties, '{{}}') ELSE {_NAMED} END",
    "rest": "rest",
}  # fmt: skip


#: What follows from properties alone is made once for each different text of them, as shops say the same of a product again and again.
#: Reads `requests` (i, body, kind: of a path for one call, else null, source_id, received_at); gives one row a message with `plain`.
#: Parameter: shop.
STATEMENT = f"""
WITH opened AS (
    SELECT i, kind, source_id, received_at, body,
        CASE WHEN json_valid(body) THEN from_json(body, '{{"batch":["JSON"],"sentAt":"JSON","sent_at":"JSON"}}') END AS o
    FROM requests
), listed AS (
    SELECT i, kind, source_id, received_at, CASE WHEN kind IS NULL THEN coalesce(o."sentAt", o."sent_at")::VARCHAR END AS outer_sent,
        {_moment("outer_sent")} AS outer_at, {_matches("outer_sent", _TIME)} AND (outer_sent IS NULL OR outer_at IS NOT NULL) AS outer_even,
        CASE WHEN kind IS NULL THEN o.batch WHEN o IS NOT NULL AND o.batch IS NULL THEN [json(body)] END AS batch
    FROM opened
), messages AS (
    SELECT i, kind, source_id, received_at, outer_at, outer_even, unnest(batch)::VARCHAR AS m, generate_subscripts(batch, 1) - 1 AS j FROM listed
), taken AS (
    SELECT *, CASE WHEN starts_with(m, '{{') THEN from_json(m, '{_form(_MESSAGE, "JSON")}') END AS f FROM messages
), fields AS MATERIALIZED (
    SELECT i, j, m, source_id, received_at, coalesce({_KINDS}, f."type"::VARCHAR) AS type,
        {_columns("f", ("event", "name", "category", "userId", "anonymousId", "originalTimestamp", "sessionId", "properties", "traits", "context"), "")},
        f."timestamp"::VARCHAR AS told_timestamp, coalesce(f."messageId", f."message_id")::VARCHAR AS messageId,
        f."sentAt"::VARCHAR AS sent, outer_at, outer_even,
        CASE WHEN f.context IS NOT NULL THEN from_json(f.context, '{_form(_CONTEXT, "JSON")}') END AS c
    FROM taken
), different AS (
    SELECT properties, from_json(properties, '{_form(_PROPERTIES, "VARCHAR")}') AS p
    FROM (SELECT DISTINCT properties FROM fields WHERE properties IS NOT NULL)
), told AS (
    SELECT properties, {_columns("p", _PROPERTIES, "p_")},
        coalesce({_object_or_none("properties")} AND NOT regexp_matches(properties, '{_ODD_PROPERTIES}'), false) AS is_even,
        CASE WHEN contains(properties, ':null') OR regexp_matches(properties, '"({_any(sorted(_STRUCTURED))})":')
            THEN json_structure(properties)::VARCHAR
            ELSE concat({_SEPARATOR}, array_to_string(json_keys(properties), {_SEPARATOR})) END AS structure
    FROM different
), inner_fields AS (
    SELECT * EXCLUDE (c), {_columns("c", _CONTEXT, "c_")},
        CASE WHEN c.page IS NOT NULL THEN from_json(c.page, '{_form(_PAGE, "JSON")}') END AS g,
        CASE WHEN c.library IS NOT NULL THEN from_json(c.library, '{{"name":"JSON"}}').name::VARCHAR END AS library_name,
        CASE WHEN context IS NOT NULL THEN nullif(json_merge_patch(context, '{_LEFT_OUT}')::VARCHAR, '{{}}') END AS rest
    FROM fields LEFT JOIN told USING (properties)
), all_fields AS (
    SELECT * EXCLUDE (g), {_columns("g", _PAGE, "g_")} FROM inner_fields
), read AS (
    SELECT *, {_named(_READ)} FROM all_fields
), dated AS (
    SELECT *, {_named(_DATED)} FROM read
)
SELECT i, j, replace(type, '"', '') AS kind, message_id, user_id, anonymous_told, happened, sent_at, product_id,
    {_named(_VALUES)},
    CASE WHEN type = '"track"' THEN concat({_text("event")}, {_SEPARATOR}, coalesce(structure, {_SEPARATOR})) END AS form,
    coalesce({_filled("c_userAgent")}, nullif("p_$raw_user_agent", '')) AS told_agent,
    CASE WHEN page_url <> '' OR page_referrer <> '' OR c_campaign IS NOT NULL
        THEN concat(page_url, {_SEPARATOR}, page_referrer, {_SEPARATOR}, c_campaign) END AS touch,
    concat_ws(chr(10), c_page, c_campaign, c_referrer, rest, name, category) AS beside, coalesce({_PLAIN}, false) AS plain
FROM dated
"""

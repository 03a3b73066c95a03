"""Why money was given back and what is complained of: a few codes, found in whatever words were used, so that no words need be kept."""

from __future__ import annotations

import re

#: Code -> what it is called (en, zh), and the words by which it is known; the first that is found counts. The words are regular
#: expressions that Python and DuckDB read alike, of small letters.
REASONS: dict[str, tuple[str, str, str]] = {
    "unwanted": (
        "No longer wanted", "不想要了",
        r"无理由|不想要|不喜欢|拍错|误拍|多拍|重复下单|不需要|改变主意|买错|changed? (my|her|his|their) mind|no longer|(don.?t|not) want|unwanted|ordered by mistake|ordered twice|duplicate order",
    ),
    "wrong_item": (
        "Wrong or missing item", "发错或漏发",
        r"发错|错发|少发|漏发|缺件|少件|少了|配错|wrong (item|product|colou?r|order|one)|incorrect (item|product)|not what i ordered|missing|incomplete",
    ),
    "damaged": (
        "Damaged or faulty", "破损或故障",
        r"破损|损坏|坏了|坏的|碎了|裂|漏液|漏水|压扁|压坏|瑕疵|故障|死机|damaged?|broken|crack|defect|faulty|\bleak|stopped working|doesn.?t work|does not work|\btorn\b|ripped|\bhole",
    ),
    "late": (
        "Late or not delivered", "配送慢或未送达",
        r"物流|快递|发货|送货|配送|未收到|没收到|没有收到|送达|延迟|超时|\blate\b|delay|never (arrived|came)|not (arrived?|delivered|received)|(slow|long) (delivery|shipping)|shipping took|lost in",
    ),
    "different": (
        "Not as described", "与描述不符",
        r"不符|不一样|色差|假货|山寨|正品|图片|盗版|货不对板|not as (described|pictured|shown)|different (from|than)|misleading|\bfake\b|counterfeit|looks? nothing like|in the (picture|photo)",
    ),
    "size": (
        "Size or fit", "尺码或大小",
        r"尺码|尺寸|偏大|偏小|太大|太小|大小|不合身|不合适|too (small|big|large|tight|loose|short|long|wide|narrow)|runs (small|large|big)|\bsiz(e|ing)\b|\bfit\b|\bfits\b|unflattering",
    ),
    "quality": (
        "Quality", "质量",
        r"质量|材质|做工|品质|粗糙|劣质|掉色|起球|异味|味道|不新鲜|烂|变质|过期|难吃|quality|cheaply|flimsy|\bthin\b|itchy|scratchy|shrunk|shrink|pilling|fell apart|stale|rotten|expired|material|fabric",
    ),
    "price": (
        "Price", "价格",
        r"价格|降价|差价|太贵|贵了|不值|保价|优惠|price|pricey|expensive|overpriced|cheaper|not worth",
    ),
    "service": (
        "Service", "服务",
        r"客服|服务|态度|售后|不理|没人|customer service|customer support|\brude\b|\bservice\b|no (reply|answer|response)|refus",
    ),
    "other": ("Other reasons", "其他原因", ""),
}  # fmt: skip
_FOUND = [(code, re.compile(words)) for code, (_, _, words) in REASONS.items() if words]


def called(code: str, language: str) -> str:
    """A code in words."""
    english, chinese, _ = REASONS[code]
    return chinese if language == "zh" else english


def reason_of(words: str | None) -> str | None:
    """The code of what somebody gave as a reason; `other` where no known word is in it, None where nothing was said."""
    if not words or not words.strip():
        return None
    told = words.strip().lower()
    return next((code for code, known in _FOUND if code == told or known.search(told)), "other")


def reasons_in(words: str) -> list[str]:
    """Every code whose words are found, in the order of the list; empty where none is."""
    told = words.lower()
    return [code for code, known in _FOUND if known.search(told)]


def reason_sql(words: str) -> str:
    """`reason_of` as DuckDB's SQL, of a text cell (null where there is none)."""
    cases = " ".join(
        f"WHEN lower({words}) = '{code}' OR regexp_matches(lower({words}), '{known.pattern}') THEN '{code}'"
        for code, known in _FOUND
    )
    return f"CASE WHEN {words} IS NULL OR trim({words}) = '' THEN NULL {cases} ELSE 'other' END"

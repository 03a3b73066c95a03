"""What advertising platforms are called: one name each, whatever an export, a link or a person writes."""

from __future__ import annotations

#: The platform's name -> what else stands for it, in small letters. The first name is the one reports show.
PLATFORMS: dict[str, tuple[str, ...]] = {
    "google": ("google ads", "google adwords", "adwords", "googleads", "谷歌", "谷歌广告"),
    "meta": ("facebook", "fb", "instagram", "ig", "facebook ads", "meta ads", "messenger", "audience_network"),
    "tiktok": ("tiktok ads", "tiktok for business"),
    "douyin": (
        "抖音",
        "巨量引擎",
        "巨量千川",
        "千川",
        "巨量广告",
        "oceanengine",
        "ocean engine",
        "qianchuan",
        "toutiao",
        "今日头条",
        "头条",
    ),
    "alimama": (
        "阿里妈妈",
        "淘宝直通车",
        "直通车",
        "万相台",
        "万相台无界",
        "钻展",
        "引力魔方",
        "淘宝联盟",
        "taobao",
        "淘宝",
        "天猫",
        "tmall",
    ),
    "baidu": ("百度", "百度推广", "百度营销", "baidu ads"),
    "bing": ("microsoft ads", "microsoft advertising", "bing ads", "必应"),
    "tencent": ("腾讯广告", "广点通", "腾讯", "weixin", "wechat", "微信", "微信广告", "gdt"),
    "xiaohongshu": ("小红书", "聚光", "xhs", "rednote"),
    "kuaishou": ("快手", "磁力引擎", "磁力金牛"),
    "jd": ("京东", "京准通", "京东快车"),
    "pinduoduo": ("拼多多", "多多推广"),
}

#: Channels that a visit can have; in a file of costs such a word tells the channel and no platform.
CHANNELS = ("paid", "email", "sms", "push", "social", "search", "campaign", "referral", "direct")
CHANNEL_WORDS: dict[str, str] = {
    "邮件": "email",
    "edm": "email",
    "newsletter": "email",
    "e-mail": "email",
    "短信": "sms",
    "推送": "push",
    "社交": "social",
    "搜索": "search",
    "付费": "paid",
    "广告": "paid",
    "cpc": "paid",
    "ppc": "paid",
    "paid search": "paid",
    "paid social": "paid",
    "联盟": "paid",
    "affiliate": "paid",
}

#: Every word -> the platform it stands for.
PLATFORM_OF: dict[str, str] = {word: name for name, words in PLATFORMS.items() for word in (name, *words)}

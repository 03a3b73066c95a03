"""Models and their figures in words, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.predict.models.domain import ModelScore

#: model -> (title, what it tells) by language.
MODELS: dict[str, dict[str, tuple[str, str]]] = {
    "churn": {
        "en": ("Churn warning", "How likely a customer is not to order again within the horizon"),
        "zh": ("流失预警", "客户在观察期内不再下单的可能性"),
    },
    "lifetime_value": {
        "en": ("Lifetime value", "What a customer will bring in the next twelve months"),
        "zh": ("客户终身价值", "客户未来十二个月会带来的价值"),
    },
    "next_purchase": {
        "en": ("Next purchase", "What a customer buys next, and when"),
        "zh": ("下次购买", "客户接下来会买什么、什么时候买"),
    },
    "forecast": {
        "en": ("Forecast of metrics", "What every metric will be in the next 28 days; registered, and held against what came"),
        "zh": ("指标预测", "各项指标未来 28 天的走势；登记后与实际逐日对照"),
    },
    "recommend_sessions": {
        "en": ("Recommendations in a visit", "Which product a visitor looks at next"),
        "zh": ("访问中的推荐", "访客接下来会看哪件商品"),
    },
    "recommend_baskets": {
        "en": ("Recommendations for buyers", "Which products a buyer's next order holds"),
        "zh": ("老买家的推荐", "买家下一单会买哪些商品"),
    },
    "sentiment": {"en": ("Review sentiment", "How satisfied a review sounds"), "zh": ("评价情感", "评价听起来有多满意")},
}
#: figure -> (label, meaning) by language, and whether it is a share.
SCORES: dict[str, tuple[dict[str, tuple[str, str]], bool]] = {
    "auc": (
        {
            "en": ("AUC", "How often someone who left was ranked above someone who stayed; 0.5 is chance, 1 is perfect"),
            "zh": ("AUC", "流失的人排在留下的人前面的比例；0.5 等于瞎猜，1 为完美"),
        },
        False,
    ),
    "brier": (
        {
            "en": ("Brier score", "Mean squared distance of probability and outcome; less is better"),
            "zh": ("Brier 分数", "概率与结果之差的平方平均；越小越好"),
        },
        False,
    ),
    "ece": (
        {
            "en": ("Calibration error", "How far forecast shares lie from what came, on average"),
            "zh": ("校准误差", "预测比例与实际比例平均相差多少"),
        },
        True,
    ),
    "top_decile_lift": (
        {
            "en": ("Lift of the riskiest tenth", "How many times the average share of leavers the riskiest tenth had"),
            "zh": ("最高风险一成的提升度", "最高风险的一成客户流失率是平均的几倍"),
        },
        False,
    ),
    "gini": (
        {
            "en": ("Normalised Gini", "How well customers were ranked by value; 0 is chance, 1 is perfect"),
            "zh": ("标准化 Gini", "按价值排序的准确程度；0 等于瞎猜，1 为完美"),
        },
        False,
    ),
    "decile_error": (
        {
            "en": ("Error by tenths", "How far the forecast of each tenth lay from what came, on average"),
            "zh": ("十分位误差", "每一成客户的预测与实际平均相差多少"),
        },
        True,
    ),
    "total_error": (
        {
            "en": ("Error of the total", "Forecast against what came, all together"),
            "zh": ("总量误差", "全部客户合计的预测与实际之差"),
        },
        True,
    ),
    "mase": (
        {
            "en": ("Error against last week", "Error over that of “the same weekday a week ago”; below 1 is better than that"),
            "zh": ("相对上周同日的误差", "误差与“照抄上周同日”的误差之比；小于 1 更好"),
        },
        False,
    ),
    "naive_mase": (
        {
            "en": ("The same of repeating last week", "What repeating the last week would have had on the same days"),
            "zh": ("照抄最近一周的误差", "在相同日子里照抄最近一周会有的误差"),
        },
        False,
    ),
    "wape": (
        {"en": ("Error as a share", "Errors as a share of what came"), "zh": ("误差占比", "误差占实际值的比例")},
        True,
    ),
    "coverage": (
        {
            "en": ("Coverage", "How often what came lay within the interval"),
            "zh": ("区间覆盖率", "实际值落在预测区间内的比例"),
        },
        True,
    ),
    "hit_rate": (
        {"en": ("Hit rate", "How often what was named was bought"), "zh": ("命中率", "预测的商品真的被买了的比例")},
        True,
    ),
    "hr_20": (
        {
            "en": ("Hit rate of twenty", "How often the next product was among the first twenty"),
            "zh": ("前 20 命中率", "下一件商品出现在前 20 名中的比例"),
        },
        True,
    ),
    "mrr": (
        {
            "en": ("Mean reciprocal rank", "One over the place of what came, on average; 1 is always first"),
            "zh": ("平均倒数排名", "实际结果所在名次的倒数的平均；1 表示总排第一"),
        },
        False,
    ),
    "accuracy": ({"en": ("Accuracy", "Share that was told right"), "zh": ("准确率", "判断正确的比例")}, True),
}
METHODS: dict[str, dict[str, str]] = {
    "weekday_level": {"en": "Weekday shape and level", "zh": "星期形态与水平"},
    "level": {"en": "Level", "zh": "水平"},
    "blend": {"en": "Mean of trees and logistic regression", "zh": "树模型与逻辑回归的平均"},
    "average": {"en": "Mean of purchase model and learned models", "zh": "购买模型与学习模型取平均"},
    "logistic": {"en": "Logistic regression", "zh": "逻辑回归"},
    "purchase_model": {"en": "Purchase model", "zh": "购买模型"},
    "pareto_nbd": {"en": "Pareto/NBD", "zh": "Pareto/NBD"},
    "bg_nbd": {"en": "BG/NBD", "zh": "BG/NBD"},
    "mbg_nbd": {"en": "MBG/NBD", "zh": "MBG/NBD"},
    "nbd": {"en": "NBD", "zh": "NBD"},
    "lambdarank": {"en": "Trees that rank (LambdaRank)", "zh": "排序树模型（LambdaRank）"},
    "tifu_up_cf": {"en": "Personal frequency with neighbours (TIFU-KNN, UP-CF)", "zh": "个人频次与相似买家（TIFU-KNN、UP-CF）"},
}


def title(model: str, language: str) -> str:
    """A model's name on screens."""
    return MODELS[model][language][0] if model in MODELS else model


def tells(model: str, language: str) -> str:
    """What a model tells."""
    return MODELS[model][language][1] if model in MODELS else ""


def method(name: str, language: str) -> str:
    """How a model was fitted."""
    return METHODS.get(name, {}).get(language, name)


def figures(told: Mapping[str, Any], language: str) -> Sequence[ModelScore]:
    """The known figures of a backtest in their order."""
    made = []
    for name, (words, _) in SCORES.items():
        if name in told:
            value = told[name]
            label, meaning = words[language]
            made.append(ModelScore(name=name, label=label, meaning=meaning, value=value, text=figure(name, value)))
    return made


def figure(name: str, value: Any) -> str:
    """A figure as written on screens."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value * 100:.1f}%" if SCORES[name][1] else f"{value:.3f}"

"""The subscription templates that the mini program has picked from the platform's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """A title, and what each field of it is called."""

    title: str
    labels: Mapping[str, str]


TEMPLATES: Mapping[str, Template] = {
    "order_shipped": Template(
        "订单发货提醒",
        {
            "character_string1": "订单编号",
            "thing2": "商品名称",
            "thing3": "快递公司",
            "character_string4": "快递单号",
        },
    ),
    "pickup_ready": Template(
        "取货提醒", {"thing1": "商品", "thing2": "门店", "character_string3": "取货码"}
    ),
    "refund_done": Template(
        "退款成功通知", {"amount1": "退款金额", "thing2": "退款原因", "time3": "退款时间"}
    ),
    "order_state": Template(
        "订单状态通知",
        {"character_string1": "订单编号", "phrase2": "订单状态", "time3": "更新时间"},
    ),
    "drop_starts": Template(
        "活动开始提醒", {"thing1": "活动名称", "time2": "开始时间", "thing3": "温馨提示"}
    ),
}

"""Bills as WeChat Pay writes them, for tests: rows, sums, zipped and announced."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from typing import Any

from tests.connect.provider import Provider

DAY = date(2026, 11, 21)
URL = "https://pay.example/v3/billdownload/file?token=abc-_1"
TRADE_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUND_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FUND_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def line(*cells: str) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def paid_row(**changes: str) -> str:
    cells = {
        "at": "2026-11-21 10:00:00",
        "appid": "wx1234567890abcdef",
        "mchid": "1900000001",
        "sub": "0",
        "device": "",
        "transaction": "4200001",
        "number": "R20261121-0001",
        "openid": "o-1",
        "type": "JSAPI",
        "state": "SUCCESS",
        "bank": "OTHERS",
        "currency": "CNY",
        "settled": "199.00",
        "coupon": "0.00",
        "refund": "0",
        "out_refund": "0",
        "refunded": "0.00",
        "coupon_back": "0.00",
        "refund_type": "",
        "refund_state": "",
        "goods": "羊绒围巾, 灰 😀",
        "attach": "",
        "fee": "1.19000",
        "rate": "0.60%",
        "order": "199.00",
        "asked": "0.00",
        "rate_note": "",
    }
    return line(*(cells | changes).values())


def refunded_row(**changes: str) -> str:
    refund = {
        "at": "2026-11-21 22:30:00",
        "state": "REFUND",
        "settled": "0.00",
        "refund": "503001",
        "out_refund": "RF-1",
        "refunded": "0.40",
        "refund_type": "ORIGINAL",
        "refund_state": "SUCCESS",
        "fee": "-0.01000",
        "order": "0.00",
        "asked": "0.40",
    }
    return paid_row(**(refund | changes))


def trade_bill(*rows: str, sums: str | None = None, header: str = TRADE_HEADER) -> bytes:
    told = sums or line("2", "199.00", "0.40", "0.00", "1.18000", "199.00", "0.40")
    lines = [header, *(rows or (paid_row(), refunded_row())), TRADE_SUMS, told]
    return "\r\n".join([*lines, ""]).encode()


def fund_bill() -> bytes:
    rows = [
        line(
            "2026-11-21 04:21:23", "4200001", "F1", "交易", "交易", "收入", "199.00", "199.00",
            "1900000001API", "", "R20261121-0001",
        ),
        line(
            "2026-11-21 04:21:24", "4200001", "F2", "交易", "扣除交易手续费", "支出", "1.19",
            "197.81", "system", "缺货, 已退", "R20261121-0001",
        ),
    ]  # fmt: skip
    sums = line("2.0", "1.0", "199.00", "1.0", "1.19")
    return "\n".join([FUND_HEADER, *rows, FUND_SUMS, sums, ""]).encode()


def announces(provider: Provider, bill: bytes, **changes: Any) -> None:
    """Announce a bill in a signed answer, as the request for it is answered."""
    told = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(bill).hexdigest(),
        "download_url": URL,
    }
    provider.will(200, told | changes)


def serves(provider: Provider, bill: bytes, zipped: bool = True) -> None:
    """Announce a bill and hand it out, which nobody signs."""
    announces(provider, bill)
    provider.will_send(200, gzip.compress(bill) if zipped else bill, {})

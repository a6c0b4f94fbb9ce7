"""The fields of a logged contact, the names that others give them, and the codes that they write."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dunning.core.contact.ledger import OUTCOMES
from dunning.core.facts.person import FLAGS
from dunning.core.hold import CHANNELS, PURPOSES

# What tells one line from another, in this order; everything after it is of a kind that many lines share.
OWN = (
    *("id", "at", "recorded_at", "person_id", "number", "point_id", "loan_ids", "days_past_due", "household"),
    *("device", "reply_to"),
)
SHARED = (
    *("direction", "channel", "purpose", "role", "actor", "agency", "outcome"),
    *("wrong_number", "message_left", "requested_call_back", "void", "may_know", "workplace", "shared"),
    *("jurisdictions", "zones", "point_zones", "institution", "product", "debt_status", "origination_channel"),
    *("discloses", "lawful_basis", "flags", "evidence"),
)
FIELDS = (*OWN, *SHARED)

# Well-known names, the likeliest first; compared without case, blanks and punctuation.
GUESSES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("contact_id", "call_id", "interaction_id", "session_id", "uuid", "通话ID", "呼叫ID", "流水号", "通话编号"),
        *("呼叫编号", "通话流水号", "呼叫流水号", "通话记录ID", "记录编号", "记录ID", "会话ID"),
    ),
    "at": (
        *("call_start", "start_time", "call_start_time", "started_at", "call_time", "timestamp", "date_time"),
        *("sent_at", "contact_time", "呼叫时间", "通话开始时间", "拨打时间", "外呼时间", "发送时间"),
        *("呼叫开始时间", "拨号时间", "催收时间", "联系时间", "通话时间", "开始时间"),
    ),
    "recorded_at": ("updated_at", "last_modified", "modified_at", "recorded", "更新时间", "修改时间", "录入时间"),
    "person_id": (
        *("person", "borrower_id", "customer_id", "consumer_id", "debtor_id", "client_id", "客户编号", "客户号"),
        *("借款人编号", "客户ID", "客户代码", "借款人ID", "债务人编号", "用户编号", "用户ID"),
    ),
    "number": (
        *("phone_number", "phone", "phone_no", "dialed_number", "dialled_number", "telephone", "msisdn", "callee"),
        *("destination", "address", "手机号", "手机号码", "电话号码", "被叫号码"),
        *("客户号码", "客户手机号", "客户手机号码", "客户电话", "客户电话号码", "联系电话", "联系号码", "拨打号码"),
        *("外呼号码", "呼叫号码", "被叫", "手机", "电话"),
    ),
    "point_id": ("point", "contact_point"),
    "loan_ids": (
        *("loan_id", "loans", "account", "account_id", "account_number", "account_ref", "debt_id", "contract_no"),
        *("合同编号", "合同号", "借据号", "借据编号", "借款编号", "贷款编号", "案件编号", "案件号"),
    ),
    "days_past_due": ("dpd", "逾期天数", "当前逾期天数"),
    "direction": ("call_direction", "呼叫方向", "通话方向", "方向"),
    "channel": ("medium", "contact_type", "contact_channel", "渠道", "催收渠道", "联系渠道", "触达渠道", "催收方式"),
    "purpose": ("用途",),
    "role": ("contact_role", "relationship", "角色"),
    "actor": ("actor_kind",),
    "agency": (
        *("actor_id", "agency_id", "agency_name", "vendor", "委外机构", "机构", "催收机构", "催收公司", "外包机构"),
        *("外包公司", "委外公司", "机构名称"),
    ),
    "outcome": (
        *("result", "disposition", "call_result", "disposition_code", "通话结果", "结果", "呼叫结果", "外呼结果"),
        *("拨打结果", "催收结果", "联系结果", "通话状态", "接通状态", "接听状态"),
    ),
    "wrong_number": ("wrong_party", "错号"),
    "requested_call_back": ("callback_requested", "call_back_requested"),
    "jurisdictions": ("jurisdiction", "residence"),
    "zones": ("zone", "timezone", "time_zone", "时区"),
    "product": ("product_type", "产品", "产品类型", "产品名称"),
    "lawful_basis": ("legal_basis",),
}
# A date and a time of day in columns of their own.
DATE_AND_TIME = (
    *(("date", "time"), ("call_date", "call_time"), ("contact_date", "contact_time")),
    ("日期", "时间"),
    *((f"{what}日期", f"{what}时间") for what in ("呼叫", "通话", "拨打", "外呼", "催收", "联系", "发送")),
)

# How far a contact came. Three codes are no rung: one left a message, one reached somebody else,
# one was not dialled at all.
OUTCOME_CODES: Mapping[str, str] = {
    **{outcome: outcome for outcome in OUTCOMES},
    "no_answer": "attempted",
    "not_answered": "attempted",
    "unanswered": "attempted",
    "rejected": "attempted",
    "ringing": "attempted",
    "busy": "not_connected",
    "not_in_service": "not_connected",
    "failed": "not_connected",
    "answered": "connected",
    "voicemail": "message_left",
    "left_message": "message_left",
    "message_left": "message_left",
    "answering_machine": "message_left",
    "right_party": "identity_verified",
    "promise": "conversation",
    "refusal_to_pay": "conversation",
    "call_back": "conversation",
    "wrong_number": "wrong_number",
    "wrong_party": "wrong_number",
    "not_dialled": "not_dialled",
    "sent": "attempted",
    "delivered": "connected",
    # Whether what was not answered got through, 未接通 does not tell: caps of attempts count it.
    **dict.fromkeys(("未接", "未接听", "未接通", "无人接听", "无应答", "拒接", "已发送", "发送成功"), "attempted"),
    **dict.fromkeys(("关机", "空号", "停机", "欠费停机", "号码不存在", "暂停服务"), "not_connected"),
    **dict.fromkeys(("占线", "忙线", "线路忙", "用户忙", "正在通话中", "无法接通", "不在服务区"), "not_connected"),
    **dict.fromkeys(("呼叫失败", "发送失败"), "not_connected"),
    # Somebody else who answers at the right number is no wrong number.
    **dict.fromkeys(("接通", "已接通", "接听", "已接听", "他人接听", "第三人接听", "已送达"), "connected"),
    **dict.fromkeys(("本人接听", "本人"), "identity_verified"),
    **dict.fromkeys(("承诺还款", "拒绝还款", "协商还款", "无力偿还", "约定回电", "要求回电"), "conversation"),
    **dict.fromkeys(("语音信箱", "留言", "已留言"), "message_left"),
    **dict.fromkeys(("错号", "号码错误"), "wrong_number"),
    **dict.fromkeys(("未拨打", "未拨出"), "not_dialled"),
}
CODES: Mapping[str, Mapping[str, str]] = {
    "outcome": OUTCOME_CODES,
    "direction": {
        **dict.fromkeys(("out", "outbound", "outgoing", "呼出"), "out"),
        **dict.fromkeys(("in", "inbound", "incoming", "呼入"), "in"),
    },
    "channel": {
        **{channel: channel for channel in CHANNELS},
        **dict.fromkeys(("phone", "voice", "telephone", "phone_call", "电话", "电催", "电话催收"), "call"),
        **dict.fromkeys(("text", "text_message", "mms", "短信", "短信催收"), "sms"),
        **dict.fromkeys(("e_mail", "mail", "邮件", "电子邮件"), "email"),
        **dict.fromkeys(("post", "postal_mail", "信函", "信件", "函件"), "letter"),
        **dict.fromkeys(("robocall", "ivr", "prerecorded", "语音通知"), "announcement"),
        **dict.fromkeys(("field_visit", "上门", "上门催收", "外访"), "visit"),
    },
    "purpose": {purpose: purpose for purpose in PURPOSES},
    "actor": {
        "creditor": "creditor",
        "lender": "creditor",
        "third_party": "third_party",
        "agency": "third_party",
        "debt_buyer": "debt_buyer",
    },
    "discloses": {word: word for word in ("nothing", "lender", "debt")},
    "flags": {flag: flag for flag in FLAGS},
}
YES_OR_NO: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "是"), True),
    **dict.fromkeys(("", "false", "no", "n", "0", "否"), False),
}
CODED = ("outcome", "direction", "channel", "purpose", "actor", "discloses")
"""Fields whose words are ours, or codes that stand for them."""
NAMED = ("role", "jurisdictions", "flags", "product", "debt_status", "agency")
"""Fields that hold any word, for which codes may stand."""
SWITCHES = ("wrong_number", "message_left", "requested_call_back", "void", "may_know", "workplace", "shared")

_PUNCTUATION = re.compile(r"[\W_]+")


def plain(name: str) -> str:
    """Return *name* as it is compared: without case, blanks and punctuation."""
    return _PUNCTUATION.sub("", name).lower()

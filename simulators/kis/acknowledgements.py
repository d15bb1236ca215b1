"""The answers of the WebSocket to what clients ask of it."""

from __future__ import annotations

import json
from typing import Any

ANSWERS = {
    "OPSP0000": ("0", "SUBSCRIBE SUCCESS"),
    "OPSP0001": ("0", "UNSUBSCRIBE SUCCESS"),
    "OPSP0002": ("1", "ALREADY IN SUBSCRIBE"),
    "OPSP0003": ("1", "UNSUBSCRIBE ERROR(not found!)"),
    "OPSP0008": ("1", "MAX SUBSCRIBE OVER"),
    "OPSP0011": ("1", "invalid approval : NOT FOUND"),
    "OPSP8991": ("1", "invalid tr_id"),
    "OPSP8992": ("1", "invalid tr_key"),
    "OPSP8996": ("9", "ALREADY IN USE appkey"),
    "OPSP8997": ("1", "invalid tr_type"),
    "OPSP8998": ("1", "invalid custtype"),
    "OPSP9990": ("1", "tr_key not found"),
    "OPSP9991": ("1", "input not found"),
    "OPSP9992": ("1", "body not found"),
    "OPSP9998": ("1", "header not found"),
    "OPSP9999": ("1", "invalid JSON"),
}


def answer(code: str, tr_id: str = "(null)", tr_key: str = "") -> str:
    """The acknowledgement `code`. Errors of the system (rt_cd 9) do not name what was asked."""
    rt_cd, text = ANSWERS[code]
    header = {"tr_id": tr_id, "tr_key": tr_key, "encrypt": "N"}
    if rt_cd == "9":
        header |= {"tr_id": "(null)", "tr_key": ""}
    body: dict[str, Any] = {"rt_cd": rt_cd, "msg_cd": code, "msg1": text}
    if code == "OPSP0000":
        body["output"] = {"iv": "0123456789abcdef", "key": "abcdefghijklmnopqrstuvwxyz012345"}
    return json.dumps({"header": header, "body": body})

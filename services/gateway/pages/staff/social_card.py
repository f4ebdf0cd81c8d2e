"""A picture for the library's social accounts, set by Typst: 1200 by 630 points, as PNG or SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import typst

from services.gateway.pages.staff.paper_words import Said

TEMPLATE = Path(__file__).with_name("social_card.typ")
Kind = Literal["png", "svg"]
FORMATS: Mapping[Kind, str] = {"png": "image/png", "svg": "image/svg+xml"}
DOTS_PER_INCH = 72.0


def picture(said: Said, library: str, phone: str, address: str, kind: Kind) -> bytes:
    """`kind`: png or svg. The words go in as data: nothing in them is taken for markup."""
    return _set(json.dumps({**vars(said), "library": library, "phone": phone, "address": address}), kind)


@lru_cache(maxsize=64)
def _set(words: str, kind: Kind) -> bytes:
    made = typst.compile(TEMPLATE.read_bytes(), format=kind, ppi=DOTS_PER_INCH, sys_inputs={"words": words})
    return bytes(made[0] if isinstance(made, list) else made or b"")

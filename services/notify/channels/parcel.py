"""One notice ready to be handed to a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.notify.wording import Rendered


@dataclass(frozen=True)
class Parcel:
    """`words`: with the private link in place; `written_at`: when it was first claimed, the same for every try."""

    notice_id: str
    address: str
    words: Rendered
    written_at: datetime
    unsubscribe: str | None = None

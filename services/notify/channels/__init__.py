"""Outside channels behind one small interface: an adapter sends parcels, one at a time, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.notify.channels.email import open_email
from services.notify.channels.parcel import Parcel
from services.notify.results import Result
from shared.settings import Settings

__all__ = ["ADAPTERS", "CHAIN", "Channel", "Parcel"]


class Channel(Protocol):
    """Sends parcels over one kept connection. `send` never raises for what the other side does."""

    def send(self, parcel: Parcel) -> Result: ...

    def end_batch(self) -> None:
        """Called after each batch, before its results are recorded."""

    def close(self) -> None: ...


# The order of trial: channel -> the part of a contact it needs. A channel without an adapter is not tried.
CHAIN: dict[str, str] = {"email": "email"}
ADAPTERS: dict[str, Callable[[Settings], Channel]] = {"email": open_email}

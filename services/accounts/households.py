"""Which readers are one family: a guardian and the readers who name that guardian, one level. Pure."""

from __future__ import annotations

import hashlib

INSTITUTION = "institution"


def household(
    card_number: str,
    guardian_card: str | None,
    guardian_phone: str | None,
    guardian_email: str | None,
    kind: str = "person",
) -> str:
    """The same text for all members: by the guardian's card, else by the guardian's phone or e-mail on the child's
    card, else the reader alone. Phone and e-mail are normalised already.

    An institution is no family, whoever is named on its card.
    """
    if kind == INSTITUTION:
        return f"{INSTITUTION}:{card_number}"
    if guardian_card:
        return f"card:{guardian_card}"
    if contact := guardian_phone or guardian_email:
        return f"contact:{hashlib.sha256(contact.encode()).hexdigest()[:16]}"
    return f"card:{card_number}"

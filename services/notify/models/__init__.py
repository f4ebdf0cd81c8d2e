"""Tables of notify: people and books as heard of, what a decision moved, the notices and their deliveries."""

from __future__ import annotations

from services.notify.models.base import Base
from services.notify.models.heard import Book, Branch, DateLine, Decision, Gathering, Move, Person, Quiz, Unmoved
from services.notify.models.notices import Delivery, Link, Notice, NoticeCard, NoticeLine, Stop
from services.notify.models.outcomes import Call, Outcome, Post, Preference, Suppression, Unsubscribed, Viewing

__all__ = [
    "Base",
    "Book",
    "Branch",
    "Call",
    "DateLine",
    "Decision",
    "Delivery",
    "Gathering",
    "Link",
    "Move",
    "Notice",
    "NoticeCard",
    "NoticeLine",
    "Outcome",
    "Person",
    "Post",
    "Preference",
    "Quiz",
    "Stop",
    "Suppression",
    "Unmoved",
    "Unsubscribed",
    "Viewing",
]

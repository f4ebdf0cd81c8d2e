"""Tables of quizzes. What other services own (readers, branches, closures) is kept here as their events told it."""

from __future__ import annotations

from services.quizzes.models.attempts import (
    FINISHED,
    GRADED,
    OPEN,
    Answer,
    Attempt,
    Certificate,
    Mark,
    Nickname,
    Regrade,
    RegradeChange,
)
from services.quizzes.models.base import Base
from services.quizzes.models.heard import Branch, Closure, Decision, Reader
from services.quizzes.models.questions import Bank, Item, ItemVersion, Picture
from services.quizzes.models.quizzes import (
    CLOSED,
    DRAFT,
    PUBLISHED,
    Quiz,
    QuizDateChange,
    QuizItem,
    QuizWork,
    SchoolClass,
)

__all__ = [
    "CLOSED",
    "DRAFT",
    "FINISHED",
    "GRADED",
    "OPEN",
    "PUBLISHED",
    "Answer",
    "Attempt",
    "Bank",
    "Base",
    "Branch",
    "Certificate",
    "Closure",
    "Decision",
    "Item",
    "ItemVersion",
    "Mark",
    "Nickname",
    "Picture",
    "Quiz",
    "QuizDateChange",
    "QuizItem",
    "QuizWork",
    "Reader",
    "Regrade",
    "RegradeChange",
    "SchoolClass",
]

"""What the tables of quizzes have in common."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase

# Byte order on both databases: which of two answers of one moment is kept must not hang on a collation.
ByteText = Text().with_variant(Text(collation="C"), "postgresql")


class Base(DeclarativeBase):
    pass

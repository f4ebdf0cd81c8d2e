"""Fields that the schemas of several services share."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields


class Texts(fields.List[str]):
    """A list of texts looked at as a whole: of a hundred thousand, one by one would take longer than what is asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fields.String(), **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValidationError("Not a list of texts.")
        return value

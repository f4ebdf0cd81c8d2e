"""Shapes of banks, questions and files of questions."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.quizzes.formats.catalogue import READERS, WRITERS
from services.quizzes.items import KINDS
from services.quizzes.schemas.common import LANGUAGE, SHORT, Fault, ShortTexts
from shared.web import PageQuery, page_of


class Bank(Schema):
    """`items`: how many it holds."""

    id = fields.String(dump_only=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    items = fields.Integer(dump_only=True)


class Banks(Schema):
    items = fields.List(fields.Nested(Bank))


class Item(Schema):
    """`item`: `kind` and the fields of that kind, texts as {kk, ru, en}, weights and numbers as text."""

    id = fields.String(dump_only=True)
    version = fields.Integer(dump_only=True)
    bank_id = fields.UUID(required=True)
    kind = fields.String(dump_only=True)
    languages = fields.List(fields.String(), dump_only=True)
    item = fields.Dict(required=True)
    faults = fields.List(fields.Nested(Fault), dump_only=True)
    used_by = fields.List(fields.String(), dump_only=True)


class ItemChange(Schema):
    bank_id = fields.UUID()
    item = fields.Dict()


class ItemToCheck(Schema):
    item = fields.Dict(required=True)


class ItemQuery(PageQuery):
    bank_id = fields.UUID()
    quiz_id = fields.UUID(metadata={"description": "the questions in this quiz's pools"})
    search = fields.String(load_default="", validate=SHORT)
    kind = fields.String(validate=validate.OneOf(list(KINDS)))


ItemPage = page_of(Item)


class StoredPicture(Schema):
    id = fields.String()
    source = fields.String(metadata={"description": "its address, as `picture.source` of a question"})


class ImportQuery(Schema):
    """`bank_id` may be left out in a dry run: of a bank that is still to be made."""

    format = fields.String(required=True, validate=validate.OneOf(list(READERS)))
    language = fields.String(load_default="kk", validate=LANGUAGE)
    bank_id = fields.UUID()
    dry_run = fields.Boolean(load_default=False)


class AnswerLine(Schema):
    text = fields.Dict(keys=fields.String(), values=fields.String())
    right = fields.Boolean()


class ImportedItem(Schema):
    """`answers`: as a person reads them; none of an open question."""

    kind = fields.String()
    text = fields.Nested(ShortTexts)
    place = fields.String()
    answers = fields.List(fields.Nested(AnswerLine))


class RefusedQuestion(Fault):
    """`snippet`: how the question begins, where it could be read so far."""

    snippet = fields.String()


class ImportReport(Schema):
    """`taken`: added to the bank, or in a dry run what would be; `already`: equal to one the bank holds."""

    items = fields.List(fields.Nested(ImportedItem))
    taken = fields.Integer()
    already = fields.Integer()
    refused = fields.List(fields.Nested(RefusedQuestion))
    notes = fields.List(fields.Nested(Fault))


class ExportQuery(Schema):
    format = fields.String(required=True, validate=validate.OneOf(list(WRITERS)))
    bank_id = fields.UUID()
    quiz_id = fields.UUID()


class ExportNotes(Schema):
    refused = fields.List(fields.Nested(Fault))
    notes = fields.List(fields.Nested(Fault))

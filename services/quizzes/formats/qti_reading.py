"""QTI 2.1, 2.2 and 3.0 items (IMS Global, "Question and Test Interoperability"), alone or in a content package."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from services.quizzes.faults import Fault
from services.quizzes.formats import Imported, Refused, refused
from services.quizzes.formats.extras import applied, from_comments
from services.quizzes.formats.qti_item import item_of
from services.quizzes.formats.qti_names import as_2_2
from services.quizzes.formats.qti_question import Question
from services.quizzes.formats.taking import note_markup, set_aside, take
from services.quizzes.formats.xml_tree import Element, parse
from services.quizzes.formats.zips import unzipped
from services.quizzes.items import Item

_MANIFEST = "imsmanifest.xml"
_ITEM = "imsqti_item"
_TEST = "imsqti_test"


def read_qti(content: bytes, language: str) -> Imported:
    """Items of an item file or a zipped package; texts that are marked for no language are in the language of the
    item (`xml:lang`), else in `language`."""
    imported = Imported()
    try:
        if content[:2] == b"PK":
            _package(imported, unzipped(content), language)
        else:
            _item(imported, content, "", {}, language)
    except Refused as refusal:
        set_aside(imported, refusal, "file")
    return imported


def _package(imported: Imported, files: Mapping[str, bytes], language: str) -> None:
    if _MANIFEST not in files:
        raise refused("file", "The package has no {name}.", name=_MANIFEST)
    for resource in parse(files[_MANIFEST]).everywhere("resource"):
        kind, name = resource.attributes.get("type", ""), unquote(resource.attributes.get("href", ""))
        if kind.startswith(_ITEM):
            _resource(imported, name, files, language)
        elif kind.startswith(_TEST):
            imported.notes.append(
                Fault(name, "The test itself (its parts, order and time limits) is not taken, only its questions.")
            )


def _resource(imported: Imported, name: str, files: Mapping[str, bytes], language: str) -> None:
    try:
        if name not in files:
            raise refused(name, "The package names this file, but does not hold it.")
        _item(imported, files[name], name, files, language)
    except Refused as refusal:
        set_aside(imported, refusal, name)


def _item(imported: Imported, content: bytes, name: str, files: Mapping[str, bytes], language: str) -> None:
    try:
        root = as_2_2(parse(content))
    except Refused as refusal:
        set_aside(imported, Refused(refusal.fault.under(name) if name else refusal.fault), name)
        return
    place = f"{name}: {root.place}" if name else root.place
    try:
        question = Question(root, language)
        item = _with_picture(applied(item_of(question), from_comments(root.comments)), name, files)
    except Refused as refusal:
        fault = refusal.fault.under(name) if name and refusal.fault.place else refusal.fault
        body = root.first("itemBody")
        set_aside(imported, Refused(fault), place, body.words() if body else "")
        return
    take(imported, item, place)
    note_markup(imported, place, question.texts, pictures_taken=1 if item.picture else 0)
    imported.notes.extend(note.under(place) for note in question.notes)


def _with_picture(item: Item, name: str, files: Mapping[str, bytes]) -> Item:
    """The picture's file from the package; its name there becomes its address."""
    if not item.picture or ":" in item.picture.source:
        return item
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(item.picture.source)))
    if inside not in files:
        return item
    picture = replace(item.picture, source=posixpath.basename(inside), content=files[inside])
    return replace(item, picture=picture)


__all__ = ["Element", "read_qti"]

"""A QTI 2.2 content package: an item file a question, the pictures' files beside them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.quizzes.faults import Fault
from services.quizzes.formats import Exported
from services.quizzes.formats.giving import give, note_unseen
from services.quizzes.formats.qti_markup import NATIVE, assessment_item
from services.quizzes.formats.xml_tree import markup
from services.quizzes.items import Item, Ordering

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_qti(items: Sequence[Item]) -> Exported:
    """`content` is a zip; the same items give the same bytes."""
    exported = Exported()
    files: dict[str, bytes] = {}
    resources: list[str] = []
    numbers = iter(range(1, len(items) + 1))
    for place, item, name in give(exported, items, lambda item: f"item-{next(numbers)}"):
        pictures = _pictures(item, name)
        source = f"../{quote(next(iter(pictures)))}" if pictures else (item.picture.source if item.picture else "")
        files[f"items/{name}.xml"] = (HEAD + assessment_item(item, name, source)).encode()
        files |= pictures
        resources.append(_resource(name, list(pictures)))
        note_unseen(exported, place, item, "QTI", native=NATIVE)
        if isinstance(item, Ordering):
            exported.notes.append(Fault(place, "In QTI an order is right or wrong as a whole, without partial credit."))
    exported.content = _zipped({"imsmanifest.xml": _manifest(resources).encode(), **files})
    return exported


def _pictures(item: Item, name: str) -> dict[str, bytes]:
    if not item.picture or not item.picture.content:
        return {}
    return {f"pictures/{name}/{item.picture.source}": item.picture.content}


def _resource(name: str, pictures: Sequence[str]) -> str:
    href = f"items/{name}.xml"
    files = [markup("file", {"href": each}) for each in (href, *(quote(picture) for picture in pictures))]
    return markup("resource", {"identifier": name, "type": "imsqti_item_xmlv2p2", "href": href}, *files)


def _manifest(resources: Sequence[str]) -> str:
    metadata = markup("schema", {}, "QTIv2.2 Package"), markup("schemaversion", {}, "1.0.0")
    return HEAD + markup(
        "manifest",
        {"xmlns": "http://www.imsglobal.org/xsd/imscp_v1p1", "identifier": "kitaphana"},
        markup("metadata", {}, *metadata),
        markup("organizations", {}),
        markup("resources", {}, *resources),
    )


def _zipped(files: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in files.items():
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()

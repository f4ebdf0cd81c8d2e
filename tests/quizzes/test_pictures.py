"""A picture is what its content says, whatever it is called."""

import base64
import struct
import zlib

import pytest

from services.quizzes.pictures import recognised
from tests.quizzes.house import House


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * (1 + 3 * min(width, 9)) * min(height, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
WEBP_LOSSY = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
WEBP_LOSSLESS = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"
)


@pytest.mark.parametrize(
    ("content", "kind", "sides"),
    [
        (png(), "image/png", (3, 2)),
        (GIF, "image/gif", (1, 1)),
        (JPEG, "image/jpeg", (7, 5)),
        (WEBP_LOSSY, "image/webp", (1, 1)),
        (WEBP_LOSSLESS, "image/webp", (1, 1)),
    ],
    ids=["png", "gif", "jpeg", "webp", "webp lossless"],
)
def test_each_kind_is_known_by_its_content_and_refused_when_cut_short(content: bytes, kind: str, sides):
    found = recognised(content)
    assert found is not None
    assert (found.type, (found.width, found.height)) == (kind, sides)
    assert [length for length in range(len(content) - 3) if recognised(content[:length])] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload='alert(1)'/>", b"<html>", b"GIF89a" + b"\0" * 4 + b";", b"\xff\xd8\xff" + b"\xff" * 99],
)
def test_anything_else_is_no_picture(house: House, content: bytes):
    assert recognised(content) is None
    house.ask("POST", "/pictures", house.staff("editor"), 422, data=content, content_type="image/png")


def test_a_picture_is_stored_once_and_served_to_anyone_for_ever(house: House):
    editor = house.staff("editor")
    first = house.ask("POST", "/pictures", editor, 201, data=png(), content_type="image/gif")
    assert house.ask("POST", "/pictures", editor, 201, data=png(), content_type="image/png") == first
    assert first["source"] == f"/api/v1/quizzes/pictures/{first['id']}.png"
    served = house.call("GET", first["source"].removeprefix("/api/v1/quizzes"), {})
    assert (served.data, served.content_type) == (png(), "image/png")
    assert "immutable" in served.headers["Cache-Control"]
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    house.ask("GET", f"/pictures/{first['id']}.html", {}, 404)
    house.ask("GET", "/pictures/none.png", {}, 404)


def test_too_large_too_wide_or_by_another_is_refused(house: House):
    editor = house.staff("editor")
    wide = house.ask("POST", "/pictures", editor, 422, data=png(4001, 1), content_type="image/png")
    assert "4000" in wide["detail"]
    house.ask("POST", "/pictures", editor, 413, data=png() + b"\0" * (1 << 20), content_type="image/png")
    house.ask("POST", "/pictures", house.staff("librarian"), 403, data=png(), content_type="image/png")

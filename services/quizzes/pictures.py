"""Pictures, known by what they hold and not by what they are called: PNG, JPEG, GIF and WebP.

Sources: PNG (RFC 2083, 3.1 and 4.1.1), GIF89a (18), JPEG (ITU-T T.81, annex B), WebP container (RFC 9649).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

LARGEST = 1024 * 1024
LONGEST_SIDE = 4000
_PNG_END = b"IEND\xaeB`\x82"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}


@dataclass(frozen=True)
class Kind:
    """`type`: image/…; `ending`: of a file's name; sides in pixels."""

    type: str
    ending: str
    width: int
    height: int


def recognised(content: bytes) -> Kind | None:
    """What a browser will show; None for anything that is not one of the four, or cut short."""
    try:
        for ending, sides in (("png", _png), ("gif", _gif), ("jpeg", _jpeg), ("webp", _webp)):
            found = sides(content)
            if found and min(found) > 0:
                return Kind(f"image/{ending}", "jpg" if ending == "jpeg" else ending, *found)
    except (struct.error, IndexError):
        return None
    return None


def _png(content: bytes) -> tuple[int, int] | None:
    whole = content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR" and _PNG_END in content[-64:]
    return struct.unpack(">II", content[16:24]) if whole else None


def _gif(content: bytes) -> tuple[int, int] | None:
    whole = content[:6] in (b"GIF87a", b"GIF89a") and content[-1:] == b";"
    return struct.unpack("<HH", content[6:10]) if whole else None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The sides stand in the first frame header; segments before it are stepped over by their length."""
    if content[:3] != b"\xff\xd8\xff" or b"\xff\xd9" not in content[-64:]:
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        filling = 1 if marker == 0xFF else 0
        at += filling or (2 if marker in _ALONE else 2 + max(2, struct.unpack(">H", content[at + 2 : at + 4])[0]))
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < struct.unpack("<I", content[4:8])[0] + 8:
        return None
    if content[12:16] == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if content[12:16] == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None

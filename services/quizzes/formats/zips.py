"""Zip files read in memory: bounded in files, size and ratio, so that a small file cannot fill the machine."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as Garbled

from services.quizzes.formats import check_size, refused

MOST_FILES = 5_000
LARGEST_UNPACKED = 50 * 1024 * 1024
LARGEST_RATIO = 200
_SMALL = 256 * 1024
_ENCRYPTED = 0x1


def unzipped(content: bytes) -> dict[str, bytes]:
    """Name -> content of every file. Raises Refused for a bomb, a locked or a broken file."""
    check_size(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            _check(files)
            return {each.filename: _read(archive, each) for each in files}
    except (BadZipFile, Garbled, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise refused("file", "The zip file is broken or of a kind that cannot be read.") from error


def _check(files: list[ZipInfo]) -> None:
    if len(files) > MOST_FILES:
        raise refused("file", "The zip file holds more than {most} files.", most=MOST_FILES)
    if sum(each.file_size for each in files) > LARGEST_UNPACKED:
        raise refused("file", "Unpacked, the zip file is larger than {limit} MB.", limit=LARGEST_UNPACKED >> 20)
    for each in files:
        if each.flag_bits & _ENCRYPTED:
            raise refused(each.filename, "The file is locked with a password.")
        if each.file_size > _SMALL and each.file_size > LARGEST_RATIO * max(1, each.compress_size):
            raise refused(each.filename, "The file is packed too tightly to be honest (a zip bomb).")


def _read(archive: ZipFile, info: ZipInfo) -> bytes:
    """No more than the directory promised: sizes there may lie."""
    with archive.open(info) as packed:
        content = packed.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise refused(info.filename, "The file is packed too tightly to be honest (a zip bomb).")
    return content

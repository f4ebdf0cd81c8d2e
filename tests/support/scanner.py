"""What a phone's camera reads off a printed sheet."""

from __future__ import annotations

import pypdfium2
import zxingcpp

DOTS_PER_POINT = 2


def codes_on(pdf: bytes) -> list[str]:
    """The texts of all bar and QR codes on the first page."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=DOTS_PER_POINT, grayscale=True)
    dots, wide = bytes(page.buffer), page.width
    lines = b"".join(dots[start : start + wide] for start in range(0, page.stride * page.height, page.stride))
    return [code.text for code in zxingcpp.read_barcodes(memoryview(lines).cast("B", (page.height, wide)))]

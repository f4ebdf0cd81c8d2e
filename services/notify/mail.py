"""A rendered notice as an e-mail: plain text, one recipient, always the same Message-ID."""

import base64
import quopri
import re
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, formataddr
from functools import lru_cache

from services.notify.wording import Rendered

_NOTICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HTTPS = re.compile(r"https://[\x21-\x3b\x3d\x3f-\x7e]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]{{1,63}}\.)+[A-Za-z0-9-]{{1,63}}")


def message(
    rendered: Rendered,
    to: str,
    sender: str,
    notice_id: str,
    list_unsubscribe: str | None = None,
    *,
    sent_at: datetime,
    sender_name: str = "",
) -> bytes:
    """The e-mail of one notice as it goes over the wire.

    `to` and `sender` are bare addresses, `list_unsubscribe` an https address that takes a POST (RFC 8058),
    `sent_at` an aware time, `sender_name` what a list of mails shows in place of the address. A value that is no
    address, or would break a header, is a ValueError naming it.
    """
    encoding, body = _encoded(rendered.body)
    headers = {
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": encoding,
        "From": _from(sender, sender_name),
        "To": ascii_address("to", to),
        "Subject": _subject(rendered.subject),
        "Date": format_datetime(sent_at),
        "Message-ID": message_id(notice_id, sender),
        "Content-Language": _one_line("language", rendered.language),
        # RFC 3834: holiday answering machines leave such mail alone.
        "Auto-Submitted": "auto-generated",
    }
    if list_unsubscribe:
        headers["List-Unsubscribe"] = f"<{_https(list_unsubscribe)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Written by hand: the newer folding of the standard library drops a space between two encoded words
    # ("действуетпрежний"), and parsing each header costs more than the rest of the mail.
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}\r\n{body}".encode("ascii")


def _encoded(body: str) -> tuple[str, str]:
    """The content encoding and the text in it, every line ended as mail wants it."""
    lines = "".join(f"{line}\r\n" for line in body.splitlines()).encode()
    if body.isascii():
        return "quoted-printable", quopri.encodestring(lines, quotetabs=False).decode("ascii")
    return "base64", base64.encodebytes(lines).decode("ascii").replace("\n", "\r\n")


def message_id(notice_id: str, sender: str, channel: str = "email") -> str:
    """The same for the same notice and channel: a second sending after a crash is the same message."""
    if not _NOTICE_ID.fullmatch(notice_id):
        raise ValueError(f"notice_id: not usable in a Message-ID: {notice_id!r}")
    return f"<{notice_id}.{channel}@{ascii_address('sender', sender).rpartition('@')[2]}>"


@lru_cache(maxsize=64)
def _from(sender: str, name: str) -> str:
    address = ascii_address("sender", sender)
    if _one_line("sender name", name).isascii():
        return formataddr((name, address))
    return Header(name, "utf-8", header_name="From").encode(linesep="\r\n") + f"\r\n <{address}>"


@lru_cache(maxsize=1024)
def _subject(text: str) -> str:
    plain = _one_line("subject", text).isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=1024)
def ascii_address(field: str, value: str) -> str:
    """The address as mail servers know it. Raises ValueError naming the field."""
    if _PLAIN_ADDRESS.fullmatch(value):
        return value
    local, _, domain = _one_line(field, value).rpartition("@")
    try:
        address = Address(addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError(f"{field}: not an e-mail address: {value!r}") from error
    if not (address.username and address.domain and address.addr_spec.isascii()):
        raise ValueError(f"{field}: not an e-mail address: {value!r}")
    return address.addr_spec


def _one_line(field: str, value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{field}: line breaks and control characters are not allowed: {value!r}")
    return value


def _https(value: str) -> str:
    if not _HTTPS.fullmatch(value):
        raise ValueError(f"list_unsubscribe: not an https address: {value!r}")
    return value

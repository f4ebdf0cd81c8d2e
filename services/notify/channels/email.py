"""E-mail: SMTP over one kept connection, or a Maildir under home when no server is set."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from services.notify import mail
from services.notify.channels.parcel import Parcel
from services.notify.results import Failed, Result, Retry, Sent
from shared.language import LANGUAGES
from shared.observability import log
from shared.settings import SettingError, Settings

SECONDS = 30.0
STALE_AFTER = 20.0
# RFC 3463: 5.1.x says the address itself is wrong.
_DEAD_ADDRESS = re.compile(r"\b5\.1\.\d{1,3}\b")
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
Names = Mapping[str, str]
"""Language -> the library's name, by which a reader knows the sender in a list of mails."""
NO_NAMES: Names = {}
_UNREACHABLE = (OSError, smtplib.SMTPException)


class Maildir:
    """Mail as files a person can open; the same mail written twice is the same file."""

    def __init__(self, folder: Path, sender: str, names: Names = NO_NAMES) -> None:
        self.folder = folder
        self.sender, self.names = sender, names
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._tmp, self._new = str(folder / "tmp"), str(folder / "new")

    def ready(self) -> bool:
        return True

    def send(self, parcel: Parcel) -> Result:
        message = _message(parcel, self.sender, self.names)
        if isinstance(message, Failed):
            return message
        name = f"{parcel.notice_id}.email"
        written, ready = f"{self._tmp}/{name}", f"{self._new}/{name}"
        with open(written, "wb", buffering=0) as file:  # noqa: PTH123  a path object a mail costs as much as the mail
            file.write(message)
        os.rename(written, ready)  # noqa: PTH104
        return Sent()

    def close(self) -> None:
        pass


class Smtp:
    """One connection, opened when first needed and again when it has gone stale."""

    def __init__(self, url: str, sender: str, names: Names = NO_NAMES) -> None:
        self.url = _checked(url)
        self.sender, self.names = sender, names
        self._client: smtplib.SMTP | None = None
        self._used = 0.0

    def ready(self) -> bool:
        return not isinstance(self._reach(), Retry)

    def send(self, parcel: Parcel) -> Result:
        message = _message(parcel, self.sender, self.names)
        if isinstance(message, Failed):
            return message
        client = self._reach()
        if isinstance(client, Retry):
            return client
        return self._converse(client, parcel.address, message)

    def _reach(self) -> smtplib.SMTP | Retry:
        try:
            return self._connected()
        except _UNREACHABLE as error:
            self.close()
            log.warning("mail server not reached", error=_said(error))
            return Retry(f"mail server not reached: {_said(error)}", counts=False)

    def _converse(self, client: smtplib.SMTP, address: str, message: bytes) -> Result:
        recipient = mail.ascii_address("to", address)
        try:
            client.sendmail(self.sender, [recipient], message)
        except smtplib.SMTPRecipientsRefused as refused:
            return self._refused(*refused.recipients[recipient], at_recipient=True)
        except smtplib.SMTPSenderRefused as refused:
            # The sender is ours: what is wrong with it is put right by staff, not by another address.
            self._leave_if_closing(refused.smtp_code)
            return Retry(_reply(refused.smtp_code, refused.smtp_error), counts=False, after=timedelta(minutes=1))
        except smtplib.SMTPResponseException as refused:
            return self._refused(refused.smtp_code, refused.smtp_error, at_recipient=False)
        except _UNREACHABLE as error:
            self.close()
            return Retry(f"connection lost: {_said(error)}")
        self._used = time.monotonic()
        return Sent()

    def _refused(self, code: int, text: bytes | str, *, at_recipient: bool) -> Result:
        self._leave_if_closing(code)
        self._used = time.monotonic()
        reply = _reply(code, text)
        if code < 500:
            return Retry(reply)
        unknown = code == 550 and not _ENHANCED.search(reply)
        return Failed(reply, dead_address=at_recipient and (unknown or bool(_DEAD_ADDRESS.search(reply))))

    def _leave_if_closing(self, code: int) -> None:
        if code == 421:
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._client is not None and time.monotonic() - self._used > STALE_AFTER and not self._alive():
            self.close()
        if self._client is None:
            self._client = self._open()
        self._used = time.monotonic()
        return self._client

    def _alive(self) -> bool:
        try:
            return self._client is not None and self._client.noop()[0] == 250
        except _UNREACHABLE:
            return False

    def _open(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "", self.url.port
        client: smtplib.SMTP
        if self.url.scheme == "smtps":
            client = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=ssl.create_default_context())
        else:
            client = smtplib.SMTP(host, port or 587, timeout=SECONDS)
        # Small commands must not wait for each other's acknowledgement on the wire.
        if client.sock is not None:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo_or_helo_if_needed()
        if self.url.scheme == "smtp" and client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
        if self.url.username:
            client.login(unquote(self.url.username), unquote(self.url.password or ""))
        return client

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def open_email(settings: Settings) -> Smtp | Maildir:
    """The way mail goes out: the server that is set, else a Maildir. Raises SettingError."""
    names = {language: settings.library_name(language) for language in LANGUAGES}
    if settings.smtp_url:
        return Smtp(settings.smtp_url, settings.mail_from, names)
    return Maildir(settings.home / "mail", settings.mail_from, names)


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingError(
            f"KITAPHANA_SMTP_URL: expected smtp://user:password@host:port or smtps://…, not {parts.scheme}:…"
        )
    return parts


def _message(parcel: Parcel, sender: str, names: Names) -> bytes | Failed:
    name = names.get(parcel.words.language, "")
    addressed = (parcel.words, parcel.address, sender, parcel.notice_id, parcel.unsubscribe)
    try:
        return mail.message(*addressed, sent_at=parcel.written_at, sender_name=name)
    except ValueError as error:
        return Failed(str(error), dead_address=str(error).startswith("to:"))


def _reply(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return f"{code} {' '.join(said.split())}"[:300]


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:300]

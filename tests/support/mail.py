"""A real SMTP server that remembers what it was told and can be told to answer badly."""

import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.nodes import free_port

DROP = "drop"


@dataclass(frozen=True)
class Mail:
    """One message as accepted, and the number of the connection it came on."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    connection: int


@dataclass
class Conversation:
    """Every command of one connection with the answer given, in order."""

    number: int
    exchanges: list[tuple[str, str]] = field(default_factory=list)


class MailServer:
    """`answer("451 later", times=2)` for the next messages; `refuse("gone@x.kz", "550 …")` for a recipient.

    `answer(DROP)` closes the connection instead of answering DATA. Everything else is accepted with 250.
    """

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.conversations: list[Conversation] = []
        self._answers: deque[str] = deque()
        self._refusals: dict[str, str] = {}
        self._changed = threading.Condition()
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=free_port())

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def answer(self, reply: str, times: int = 1) -> None:
        self._answers.extend([reply] * times)

    def refuse(self, recipient: str, reply: str) -> None:
        self._refusals[recipient] = reply

    def wait_for(self, count: int, seconds: float = 10) -> list[Mail]:
        """The mails once there are `count` of them; fails the test when they do not come in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.mails) >= count, seconds):
                raise AssertionError(f"{len(self.mails)} mails came in {seconds} s, {count} were awaited")
            return list(self.mails)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def _take(self, session: Session, envelope: Envelope) -> str:
        reply = self._answers.popleft() if self._answers else "250 Accepted"
        if reply.startswith("2"):
            message = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
            number = self._conversation(session).number
            with self._changed:
                recipients = tuple(envelope.rcpt_tos)
                self.mails.append(Mail(envelope.mail_from or "", recipients, message, number))  # type: ignore[arg-type]
                self._changed.notify_all()
        return reply

    def _conversation(self, session: Session) -> Conversation:
        known: Conversation | None = getattr(session, "conversation", None)
        if known is None:
            known = Conversation(len(self.conversations))
            self.conversations.append(known)
            session.conversation = known  # type: ignore[attr-defined]
        return known

    def _note(self, session: Session, command: str, reply: str) -> str:
        self._conversation(session).exchanges.append((command, reply))
        return reply


class _Handler:
    def __init__(self, house: MailServer) -> None:
        self._house = house

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._house._note(session, f"MAIL {address}", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._house._refusals.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self._house._note(session, f"RCPT {address}", reply)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> Any:
        reply = self._house._note(session, "DATA", self._house._take(session, envelope))
        if reply == DROP:
            server.transport.abort()
            return "421 Closing"
        return reply

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._house._note(session, "RSET", "250 OK")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._house._note(session, "QUIT", "221 Bye")

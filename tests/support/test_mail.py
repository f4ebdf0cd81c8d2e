"""The mail server of the tests answers as it was told and remembers who said what."""

import smtplib
from email.message import EmailMessage

import pytest

from tests.support.mail import DROP, MailServer


def letter(recipient: str, text: str = "Жаңа мерзім: 12 мамыр") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "library@example.kz", recipient, "Кітап мерзімі"
    message.set_content(text)
    return message


def test_mails_of_one_kept_connection_are_remembered(mail_server: MailServer) -> None:
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        client.send_message(letter("a@example.kz"))
        client.send_message(letter("b@example.kz"))
    first, second = mail_server.wait_for(2)
    assert first.recipients == ("a@example.kz",)
    assert (first.message["Subject"], first.message.get_content().strip()) == (
        "Кітап мерзімі",
        "Жаңа мерзім: 12 мамыр",
    )
    assert first.connection == second.connection
    assert [command for command, _ in mail_server.conversations[0].exchanges].count("DATA") == 2


def test_it_refuses_for_now_and_for_good(mail_server: MailServer) -> None:
    mail_server.answer("451 4.3.0 Try again later")
    mail_server.refuse("gone@example.kz", "550 5.1.1 No such mailbox")
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            client.send_message(letter("a@example.kz"))
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
            client.send_message(letter("gone@example.kz"))
        client.send_message(letter("a@example.kz"))
    assert len(mail_server.wait_for(1)) == 1


def test_it_drops_the_connection(mail_server: MailServer) -> None:
    mail_server.answer(DROP)
    with (
        smtplib.SMTP(mail_server.host, mail_server.port) as client,
        pytest.raises(smtplib.SMTPServerDisconnected),
    ):
        client.send_message(letter("a@example.kz"))
    assert mail_server.mails == []

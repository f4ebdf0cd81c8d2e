from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email import open_email
from services.notify.channels.parcel import Parcel
from services.notify.mail import message, message_id
from services.notify.results import Sent
from services.notify.wording import Rendered, render
from shared.language import LANGUAGES
from shared.settings import load
from tests.notify import samples

SENT_AT = datetime(2026, 2, 2, 4, 12, tzinfo=UTC)
NOTICE = "0b7f6a52-8c0e-4f0b-9a4e-5d5f3f1f2a10"


def mail(rendered=None, to="reader@example.org", sender="library@example.org", notice_id=NOTICE, **more):
    rendered = rendered or render(samples.moved("kk"), samples.LIBRARY, samples.LINK)
    return message(rendered, to, sender, notice_id, sent_at=SENT_AT, **more)


def read(sent):
    return message_from_bytes(sent, policy=default)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.__name__)
def test_what_arrives_is_what_was_written(sample, language):
    rendered = render(sample(language), samples.LIBRARY, samples.LINK)
    sent = mail(rendered)
    assert sent.isascii()
    assert max(len(line) for line in sent.splitlines()) <= 78
    arrived = read(sent)
    assert arrived["Subject"] == rendered.subject
    assert arrived.get_content().replace("\r\n", "\n") == rendered.body
    assert arrived["Content-Language"] == language
    assert arrived.get_content_type() == "text/plain"
    assert not arrived.defects


def test_a_long_subject_keeps_every_space():
    subject = " ".join(["кітап", "қайтару", "мерзімі"] * 9)
    arrived = read(mail(Rendered(subject, "x\n", "kk")))
    assert arrived["Subject"] == subject


def test_headers():
    sent = read(mail())
    assert sent["From"] == "library@example.org"
    assert sent["To"] == "reader@example.org"
    assert sent["Date"] == "Mon, 02 Feb 2026 04:12:00 +0000"
    assert sent["Message-ID"] == f"<{NOTICE}.email@example.org>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "name", ["Балалар және жасөспірімдер кітапханасы", "Children's and Youth Library", 'Library, "Abai" branch']
)
def test_the_library_is_known_by_its_name(name):
    sent = mail(sender_name=name)
    assert max(len(line) for line in sent.splitlines()) <= 78
    arrived = message_from_bytes(sent)
    shown, address = parseaddr(str(arrived["From"]))
    # The newer parser of the standard library puts a space between two encoded words of a name.
    assert (str(make_header(decode_header(shown))), address) == (name, "library@example.org")
    assert arrived["Message-ID"] == f"<{NOTICE}.email@example.org>" and not arrived.defects


def test_a_name_on_two_lines_is_no_name():
    with pytest.raises(ValueError, match="sender name"):
        mail(sender_name="Library\r\nBcc: x@example.org")


def test_the_same_notice_gives_the_same_bytes():
    assert mail() == mail()
    assert message_id(NOTICE, "a@example.org") != message_id(NOTICE, "a@example.org", "sms")


def test_one_click_unsubscribe():
    sent = read(mail(list_unsubscribe="https://example.org/u/abc"))
    assert sent["List-Unsubscribe"] == "<https://example.org/u/abc>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("url", ["http://example.org/u", "https://example.org/u>\r\nBcc: x", "mailto:a@b.kz"])
def test_an_unsafe_unsubscribe_address_is_refused(url):
    with pytest.raises(ValueError, match="list_unsubscribe"):
        mail(list_unsubscribe=url)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "reader",
        "@example.org",
        "reader@",
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "Reader <a@example.org>",
        "оқырман@example.org",
        "a b@example.org",
        "a@exa mple.org",
        "a@example.org\x00",
    ],
)
def test_what_is_no_address_is_refused(to):
    with pytest.raises(ValueError, match=r"^to: "):
        mail(to=to)


def test_a_domain_in_kazakh_letters_is_sent_as_the_mail_server_knows_it():
    assert read(mail(to="a@кітап.қаз"))["To"] == "a@xn--80atqk3h.xn--80ao21a"


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@example.org", "a\nb", "a\u2028b", "a\x00b"])
def test_a_subject_of_two_lines_is_refused(subject):
    with pytest.raises(ValueError, match="subject"):
        mail(Rendered(subject, "x\n", "kk"))


@pytest.mark.parametrize("notice_id", ["", "a b", "a>b", "a\r\nb", "x" * 101])
def test_a_notice_id_that_would_break_the_message_id_is_refused(notice_id):
    with pytest.raises(ValueError, match="notice_id"):
        mail(notice_id=notice_id)


@given(st.text(min_size=1))
def test_any_recipient_is_one_address_or_refused(to):
    try:
        sent = mail(to=to)
    except ValueError:
        return
    arrived = message_from_bytes(sent, policy=default)
    assert len(arrived["To"].addresses) == 1
    assert sorted(arrived.keys()) == sorted(read(mail()).keys())


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_subject_of_one_line_arrives_whole_and_alone(subject):
    try:
        sent = mail(Rendered(subject, "x\n", "kk"))
    except ValueError:
        return
    arrived = message_from_bytes(sent, policy=default)
    assert sorted(arrived.keys()) == sorted(read(mail()).keys())
    assert arrived["Subject"].split() == subject.split()
    assert arrived.get_content() == "x\r\n"


def test_a_letter_goes_out_under_the_librarys_name_in_its_own_language(tmp_path):
    settings = load({"KITAPHANA_HOME": str(tmp_path)})
    channel = open_email(settings)
    for language in LANGUAGES:
        words = Rendered("Тақырып", "Мәтін\n", language)
        assert channel.send(Parcel(language, "reader@example.org", words, SENT_AT)) == Sent()
        arrived = message_from_bytes((tmp_path / "mail" / "new" / f"{language}.email").read_bytes())
        shown, _ = parseaddr(str(arrived["From"]))
        assert str(make_header(decode_header(shown))) == settings.library_name(language)

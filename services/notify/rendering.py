"""A notice's words, from what is kept of it: as it is sent, and as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify import links, stored
from services.notify.digest import Digest
from services.notify.occasions import Announcement, Reminder, Reopening, SignInCode
from services.notify.wording import Library, Notice, Rendered, render
from shared.sealed import READER_CODE, unseal
from shared.settings import Settings

FORMS: dict[str, type[Notice]] = {
    form.__name__: form for form in (Digest, Announcement, Reopening, Reminder, SignInCode)
}
CODE = "code"

NOT_KEPT = "…"


def library(settings: Settings) -> Library:
    names = {language: settings.library_name(language) for language in ("kk", "ru", "en")}
    return Library(names, settings.library_phone)


def plain(content: Mapping[str, Any]) -> Notice:
    """The data a notice is worded from. Raises KeyError for a form that is not known."""
    return stored.from_json(FORMS[content["form"]], content["data"])


def words_kept(content: Mapping[str, Any], settings: Settings) -> Rendered:
    """The notice in words with its private links hidden, as it is kept and shown. A one-time code is left out."""
    notice = plain(content)
    if isinstance(notice, SignInCode):
        notice = SignInCode(notice.language, NOT_KEPT, notice.minutes)
    return render(notice, library(settings), links.address(settings), links.unsubscribe_address(settings))


def words_sent(kept: Rendered, content: Mapping[str, Any], notice_id: str, settings: Settings, secret: str) -> Rendered:
    """The same with the private links, or the code, in place; `secret` is the system's."""
    if content["form"] == SignInCode.__name__:
        sealed = plain(content)
        assert isinstance(sealed, SignInCode)
        code = unseal(secret, READER_CODE, sealed.code)
        return render(SignInCode(sealed.language, code, sealed.minutes), library(settings))
    token = links.token_of(secret, notice_id)
    body = kept.body
    for address in (links.address, links.unsubscribe_address):
        body = body.replace(address(settings), address(settings, token))
    return Rendered(kept.subject, body, kept.language)

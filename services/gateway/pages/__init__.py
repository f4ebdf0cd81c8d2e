"""The site's pages, a blueprint for each part of it."""

from services.gateway.pages import (
    account,
    books,
    calendars,
    home,
    languages,
    links,
    mailings,
    notices,
    pins,
    playing,
    questions,
    quizzes,
    renewal,
    second_factor,
    sign_in,
    staff,
)

BLUEPRINTS = (
    home.home,
    languages.languages,
    sign_in.sign_in,
    second_factor.second_factor,
    pins.pins,
    books.books,
    questions.questions,
    calendars.calendars,
    renewal.renewal,
    links.links,
    mailings.mailings,
    notices.notices,
    account.account,
    quizzes.quizzes,
    playing.playing,
    *staff.BLUEPRINTS,
)

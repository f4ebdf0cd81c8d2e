"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import (
    change,
    declare,
    desk,
    home,
    loans,
    practice,
    quarantine,
    quarantines,
    quiz_desk,
    quiz_files,
    quiz_items,
    quiz_results,
    quizzes,
    readers,
    returns,
)

BLUEPRINTS = (
    home.staff_home,
    quarantines.quarantines,
    quarantine.quarantine,
    change.change,
    declare.declare,
    practice.practice,
    readers.readers,
    loans.loans,
    desk.desk_pages,
    returns.returns,
    quizzes.staff_quizzes,
    quiz_items.staff_items,
    quiz_files.staff_quiz_files,
    quiz_results.staff_quiz_results,
    quiz_desk.staff_quiz_desk,
)

"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import home, quiz_desk, quiz_files, quiz_items, quiz_results, quizzes

BLUEPRINTS = (
    home.staff_home,
    quizzes.staff_quizzes,
    quiz_items.staff_items,
    quiz_files.staff_quiz_files,
    quiz_results.staff_quiz_results,
    quiz_desk.staff_quiz_desk,
)

"""The online test of 2020 goes up over HTTP, as an editor would put it there."""

from __future__ import annotations

from datetime import date, timedelta

from demo.http_client import Client, Json
from demo.quiz_of_2020 import KAISENOV, QUESTIONS, TITLE, WORKS
from services.quizzes.codec import to_json

# Its last day falls into the quarantine, so that one sees it move.
DAYS_OPEN = 10
ABOUT = {
    "kk": "Жеңістің 75 жылдығына арналған онлайн-тест: «Жау тылында» және «Опаленное детство» кітаптарын оқып шығыңыз.",
    "ru": "Онлайн-тест к 75-летию Победы: прочитайте книги «Жау тылында» и «Опаленное детство».",
}
BANDS = (
    (0, "Кітапты қайта парақтап, тағы бір рет байқап көріңіз.", "Полистайте книгу ещё раз и попробуйте снова."),
    (60, "Жақсы нәтиже! Сертификат аласыз.", "Хороший результат! Вы получаете сертификат."),
    (90, "Тамаша! Сіз зейінді оқырмансыз.", "Отлично! Вы внимательный читатель."),
)


def publish(editor: Client, today: date) -> Json:
    """The quiz, put up now or at an earlier start."""
    for known in editor.items("/api/v1/quizzes", state="all"):
        if known["title"].get("kk") == TITLE and known["state"] != "draft":
            return known
    bank = editor.post("/api/v1/quizzes/banks", {"name": f"{TITLE} {today.isoformat()}"})
    asked = [
        editor.post("/api/v1/quizzes/items", {"bank_id": bank["id"], "item": to_json(question)})["id"]
        for question in QUESTIONS
    ]
    quiz = editor.post("/api/v1/quizzes", terms(asked, today))
    return editor.post(f"/api/v1/quizzes/{quiz['id']}/publish")


def terms(item_ids: list[str], today: date) -> Json:
    return {
        "title": {"kk": TITLE, "ru": TITLE},
        "about": ABOUT,
        "languages": ["kk", "ru"],
        "works": [{"title": WORKS[0], "author": KAISENOV}, {"title": WORKS[1]}],
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=DAYS_OPEN)).isoformat(),
        "pools": [{"item_ids": item_ids}],
        "pass_percent": 60,
        "certificate": True,
        "leaderboard": True,
        "age_from": 10,
        "feedback": [{"from_percent": percent, "text": {"kk": kk, "ru": ru}} for percent, kk, ru in BANDS],
    }

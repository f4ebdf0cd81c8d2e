"""Notices of a made-up library, one for each thing that may have to be said, in any language."""

from dataclasses import replace
from datetime import date

from services.notify.digest import BookLine, Change, ClosedBranch, Digest, Offer, ReaderSection, UnmovedBook
from services.notify.occasions import Announcement, DueBook, DueSection, Reminder, Reopening, SignInCode
from services.notify.wording import Library

LINK = "https://b.kz/a1b2"
LIBRARY = Library(
    {
        "kk": "Облыстық балалар кітапханасы",
        "ru": "Областная детская библиотека",
        "en": "Regional Children's Library",
    },
    "+7 7232 00-00-01",
)
QUARANTINE = {"kk": "карантин", "ru": "карантин", "en": "quarantine"}
CENTRAL = ClosedBranch(
    "ortalyq",
    {
        "kk": "Орталық балалар және жасөспірімдер кітапханасы",
        "ru": "Центральная детско-юношеская библиотека",
        "en": "Central Children's and Youth Library",
    },
    date(2026, 2, 16),
)
OF_2020 = Offer({"kk": "Соғыс туралы оқимын", "ru": "А я читаю книги о войне..."}, "https://b.kz/quizzes/4d2a1f0e")
ABAI = Offer({"kk": "Қара сөздер", "ru": "Слова назидания", "en": "The Book of Words"}, "https://b.kz/quizzes/9c31")
ZASHCHITA = ClosedBranch(
    "zashchita",
    {"kk": "«Защита» филиалы", "ru": "Филиал «Защита»", "en": "Zashchita Branch"},
    date(2026, 2, 17),
)


def feb(day: int) -> date:
    return date(2026, 2, day)


def book(title: str, author: str, was: date | None, now: date | None, **more) -> BookLine:
    return BookLine(title, was, now, author, **{"branch_id": "ortalyq", **more})


def digest(language: str, case: str, readers: tuple[ReaderSection, ...], **more) -> Digest:
    usual = {
        "name": "Сәуле Ахметқызы",
        "written_on": feb(3),
        "first_closed": feb(2),
        "branches": (CENTRAL,),
        "reason": QUARANTINE,
    }
    return Digest(language=language, case=case, readers=readers, **{**usual, **more})


def own(*books: BookLine, **more) -> tuple[ReaderSection, ...]:
    return (ReaderSection("Сәуле Ахметқызы", books, **more),)


def moved(language: str) -> Digest:
    abai = book("Абай жолы", "Мұхтар Әуезов", feb(10), feb(16))
    words = book("Қара сөздер", "Абай Құнанбайұлы", feb(12), feb(16))
    return digest(language, "moved", own(abai, words))


def declared_ahead(language: str) -> Digest:
    abai = book("Абай жолы", "Мұхтар Әуезов", feb(10), feb(16))
    return digest(language, "moved", own(abai), written_on=date(2026, 1, 30))


def already_open(language: str) -> Digest:
    abai = book("Абай жолы", "Мұхтар Әуезов", feb(10), feb(16))
    return digest(language, "moved", own(abai), written_on=feb(16))


def family(language: str) -> Digest:
    aisha = ReaderSection(
        "Айша",
        (book("Ұшқан ұя", "Бауыржан Момышұлы", date(2026, 1, 29), feb(16), was_late=True),),
        (UnmovedBook("Ер Төстік", date(2026, 3, 3)), UnmovedBook("Ұлпан")),
    )
    erlan = ReaderSection("Ерлан", (book("Белый пароход", "Чингиз Айтматов", feb(6), feb(17), branch_id="zashchita"),))
    return digest(language, "moved", (aisha, erlan), branches=(CENTRAL, ZASHCHITA), reason={"ru": "ремонт"})


def no_date(language: str) -> Digest:
    late = book("Абай жолы", "Мұхтар Әуезов", date(2026, 1, 30), None, was_late=True)
    return digest(language, "no_date", own(late), branches=(replace(CENTRAL, opens=None),))


def no_date_ahead(language: str) -> Digest:
    return replace(no_date(language), written_on=date(2026, 1, 30))


def again(language: str) -> Digest:
    return digest(language, "again", own(book("Абай жолы", "Мұхтар Әуезов", feb(10), feb(16))))


def day_known(language: str) -> Digest:
    return digest(language, "day_known", own(book("Абай жолы", "Мұхтар Әуезов", None, feb(16))))


def earlier(language: str) -> Digest:
    nearer = book("Абай жолы", "Мұхтар Әуезов", feb(23), feb(16), protected_until=feb(18))
    return digest(language, "earlier", own(nearer))


def put_back(language: str) -> Digest:
    abai = book("Абай жолы", "Мұхтар Әуезов", feb(16), feb(5), protected_until=feb(6))
    words = book("Қара сөздер", "Абай Құнанбайұлы", feb(16), feb(4), protected_until=feb(6))
    return digest(language, "put_back", own(abai, words))


def put_back_different_days(language: str) -> Digest:
    abai = book("Абай жолы", "Мұхтар Әуезов", feb(16), feb(5), protected_until=feb(6))
    words = book("Қара сөздер", "Абай Құнанбайұлы", feb(16), feb(12), protected_until=feb(6))
    return digest(language, "put_back", own(abai, words))


def dates(language: str) -> Digest:
    heritage = {"kk": "Абай мұрасы", "ru": "К Абаю", "en": "The Heritage of Abai"}
    changes = (
        Change("contest", heritage, feb(9), feb(23)),
        Change("quiz", {"kk": "Жау тылында"}, feb(5), None),
        Change("card", {}, feb(4), feb(20)),
        Change("of a later release", {}, None, feb(20)),
    )
    return digest(language, "dates", own(changes=changes))


def dates_back(language: str) -> Digest:
    changes = (Change("quiz", {"kk": "Жау тылында"}, feb(16), feb(5)), Change("card", {}, feb(20), feb(4)))
    return digest(language, "dates_back", own(changes=changes))


def with_quizzes(language: str) -> Digest:
    return replace(moved(language), quizzes=(OF_2020, ABAI))


def reopening_with_a_quiz(language: str) -> Reopening:
    return replace(reopening(language), quizzes=(OF_2020,))


def announcement(language: str) -> Announcement:
    return Announcement(language, "", feb(3), feb(2), (CENTRAL, ZASHCHITA), QUARANTINE)


def reopening(language: str) -> Reopening:
    books = (DueBook("Абай жолы", feb(16), "Мұхтар Әуезов"), DueBook("Ұлпан", feb(16)))
    return Reopening(language, "Сәуле", feb(12), (DueSection("Айша", books),), (CENTRAL,))


def reopening_by_branch(language: str) -> Reopening:
    books = (
        DueBook("Абай жолы", feb(16), "Мұхтар Әуезов", CENTRAL.name),
        DueBook("Ұлпан", feb(17), branch=ZASHCHITA.name),
    )
    return Reopening(language, "Сәуле", feb(12), (DueSection("Айша", books),), (CENTRAL, ZASHCHITA))


def due_soon(language: str) -> Reminder:
    soon = DueBook("Абай жолы", feb(27), "Мұхтар Әуезов", CENTRAL.name)
    return Reminder(language, "Сәуле", feb(24), (DueSection("Айша", (soon,)),), "due_soon")


def overdue(language: str) -> Reminder:
    late = DueBook("Абай жолы", feb(20), "Мұхтар Әуезов", CENTRAL.name)
    return Reminder(language, "Сәуле", feb(24), (DueSection("Айша", (late,)),), "overdue")


def code(language: str) -> SignInCode:
    return SignInCode(language, "482913", 10)


DIGESTS = [
    moved, declared_ahead, already_open, family, no_date, no_date_ahead, again, day_known,
    earlier, put_back, put_back_different_days, dates, dates_back, with_quizzes,
]  # fmt: skip
SAMPLES = [
    *DIGESTS, announcement, reopening, reopening_by_branch, reopening_with_a_quiz, due_soon, overdue, code,
]  # fmt: skip

"""What the demonstration says, in the language of the terminal."""

import os
from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

LANGUAGES = ("kk", "ru", "en")

TEXTS: dict[str, tuple[str, str, str]] = {
    "starting": ("Жүйе іске қосылуда", "Запуск системы", "Starting the system"),
    "moving_in": (
        "Оқырмандар мен кітаптар енгізілуде",
        "Загружаются читатели и книги",
        "Readers and loans are moving in",
    ),
    "sample": (
        "Үлгі кітапхана: {readers} оқырман, берілген кітап: {loans}",
        "Учебная библиотека: читателей {readers}, выданных книг {loans}",
        "The sample library: {readers} readers, {loans} books lent",
    ),
    "quiz": (
        "Онлайн-тест жарияланды: {title} (сұрақ: {questions})",
        "Онлайн-тест опубликован: {title} (вопросов: {questions})",
        "Online test published: {title} ({questions} questions)",
    ),
    "again": (
        "Карантин бұрын жарияланған, қайта жарияланбайды. Басынан бастау үшін {home} қалтасын өшіріңіз.",
        "Карантин уже объявлен, второй раз не объявляется. Чтобы начать сначала, удалите {home}.",
        "A quarantine is declared already: nothing is declared twice. To begin anew, delete {home}.",
    ),
    "preview": (
        "Алдын ала қарау (ештеңе өзгермейді): {counts}",
        "Предпросмотр (ничего не меняется): {counts}",
        "Preview (nothing is changed): {counts}",
    ),
    "declared": (
        "Карантин жарияланды. Бірінші жабық күн: {first}. Соңғы жабық күн: {last}.",
        "Карантин объявлен. Первый день закрытия: {first}. Последний: {last}.",
        "Quarantine declared. First day closed: {first}. Last day closed: {last}.",
    ),
    "not_known": ("әзірге белгісіз", "пока неизвестен", "not known yet"),
    "books": ("Кітаптар", "Книги", "Books"),
    "messages": ("Хабарламалар", "Сообщения", "Messages"),
    "cards": ("Оқырман билеттері", "Билеты", "Cards"),
    "deadlines": ("Онлайн-тесттер", "Онлайн-тесты", "Quizzes"),
    "deadlines_moved": (
        "Соңғы күні ауысқан онлайн-тесттер: {n}",
        "Онлайн-тесты, у которых перенесён последний день: {n}",
        "Online tests whose last day moved: {n}",
    ),
    "readers": ("оқырман", "читатели", "readers"),
    "to_call": ("Байланыс жоқ", "Без связи", "no channel"),
    "checking": ("Бәрі хабардар ма?", "Все ли оповещены?", "Is everyone told?"),
    "branch": ("Кітапхана", "Библиотека", "Branch"),
    "moved": ("Мерзімі ұзартылды", "Срок продлён", "Books moved"),
    "new_dates": ("Жаңа мерзімдер", "Новые сроки", "New dates"),
    "late": (
        "Бұрын кешіккен: есеп тоқтатылды",
        "Уже просрочены: счёт остановлен",
        "Already late: the clock stopped",
    ),
    "left_alone": (
        "Жоғалған не даулы: өзгеріссіз",
        "Утеряны или спорные: без изменений",
        "Lost or disputed: left alone",
    ),
    "all": ("Барлығы", "Всего", "All"),
    "returns": ("Күн сайын қайтарылатын кітаптар", "Возврат книг по дням", "Books due back, day by day"),
    "scale": (
        "Әр белгі – бір күн: {first} – {last}. Ең биігі: {tallest} кітап.",
        "Каждый знак — один день: {first} — {last}. Самый высокий: {tallest} кн.",
        "One mark a day, {first} – {last}. The tallest: {tallest} books.",
    ),
    "before": ("бұрын", "до", "before"),
    "after": ("енді", "после", "after"),
    "told": ("Жіберілген хабарламалар", "Отправленные сообщения", "Messages sent"),
    "language": ("Тілі", "Язык", "Language"),
    "kk": ("қазақша", "казахский", "Kazakh"),
    "ru": ("орысша", "русский", "Russian"),
    "en": ("ағылшынша", "английский", "English"),
    "email": ("эл. пошта", "эл. почта", "e-mail"),
    "inbox": ("сайттағы жәшік", "ящик на сайте", "inbox on the site"),
    "unreachable": (
        "Қоңырау шалу не хат жіберу керек: {n} оқырман (жұмыс тізімінде)",
        "Нужно позвонить или послать письмо: читателей {n} (в списке дел)",
        "Still to be told by call or letter: {n} readers (on the work list)",
    ),
    "clean": ("Салыстыру: бәрі дұрыс.", "Сверка: всё верно.", "Reconciliation: clean."),
    "not_clean": ("Салыстыру: сәйкес емес!", "Сверка: есть расхождения!", "Reconciliation: NOT clean!"),
    "proof": (
        "Мерзімі дұрыс кітап: {right}/{scope}. Хабар алған оқырман: {told}/{affected}."
        " Күтуде: {pending}. Хабар алмаған: {missing}.",
        "Книг с верным сроком: {right} из {scope}. Читателей оповещено: {told} из {affected}."
        " Ожидают: {pending}. Не оповещены: {missing}.",
        "Books with the right date: {right} of {scope}. Readers told: {told} of {affected}."
        " Pending: {pending}. Missing: {missing}.",
    ),
    "mail": ("Хаттар осында", "Письма лежат здесь", "The mail lies in"),
    "site": ("Сайт", "Сайт", "Open in a browser"),
    "sign_ins": ("Логиндер мен құпиясөздер", "Логины и пароли", "Sign-ins"),
    "ctrl_c": ("Тоқтату үшін Ctrl-C басыңыз.", "Чтобы остановить, нажмите Ctrl-C.", "Ctrl-C ends it."),
}


class Words:
    def __init__(self, language: str) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        return TEXTS[key][self._column].format(**values)

    def name_of(self, key: str) -> str:
        """A channel's or step's name; one without a text of its own is shown as it is."""
        return self(key) if key in TEXTS else key

    def day(self, day: date) -> str:
        return format_date(day, "d MMMM", locale=self.language)

    def short_day(self, day: date) -> str:
        return format_date(day, "d MMM", locale=self.language)


def terminals_language(environment: Mapping[str, str] = os.environ) -> str:
    """Kazakh, Russian or English, from the variables the locale is taken from; English for any other."""
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return spoken[:2] if spoken[:2] in LANGUAGES else "en"

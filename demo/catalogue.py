"""What the sample library owns: its titles and its branches. Street numbers and hours are invented."""

from typing import NamedTuple

TIME_ZONE = "Asia/Almaty"


class Title(NamedTuple):
    author: str
    title: str
    language: str


class Branch(NamedTuple):
    """A row of branches.csv; `parent_id` is empty for a root, hours are in OpenStreetMap notation."""

    branch_id: str
    name_kk: str
    name_ru: str
    name_en: str
    parent_id: str
    time_zone: str
    opening_hours: str
    phone: str = ""


TITLES = (
    Title("Абай Құнанбайұлы", "Қара сөздер", "kk"),
    Title("Мұхтар Әуезов", "Абай жолы", "kk"),
    Title("Мұхтар Әуезов", "Көксерек", "kk"),
    Title("Бердібек Соқпақбаев", "Менің атым Қожа", "kk"),
    Title("Бердібек Соқпақбаев", "Балалық шаққа саяхат", "kk"),
    Title("Ыбырай Алтынсарин", "Әке мен бала", "kk"),
    Title("Қасым Қайсенов", "Жау тылында", "kk"),
    Title("Бауыржан Момышұлы", "Ұшқан ұя", "kk"),
    Title("Сайын Мұратбеков", "Жабайы алма", "kk"),
    Title("Ілияс Есенберлин", "Көшпенділер", "kk"),
    Title("Ғабит Мүсірепов", "Ұлпан", "kk"),
    Title("Жүсіпбек Аймауытов", "Ақбілек", "kk"),
    Title("Оралхан Бөкей", "Қар қызы", "kk"),
    Title("қазақ халық ертегісі", "Ер Төстік", "kk"),
    Title("А. С. Пушкин", "Капитанская дочка", "ru"),
    Title("С. Я. Маршак", "Сказка о глупом мышонке", "ru"),
    Title("А. М. Волков", "Волшебник Изумрудного города", "ru"),
    Title("Н. Н. Носов", "Незнайка на Луне", "ru"),
    Title("В. П. Катаев", "Сын полка", "ru"),
    Title("А. П. Гайдар", "Тимур и его команда", "ru"),
    Title("Чингиз Айтматов", "Белый пароход", "ru"),
    Title("Антуан де Сент-Экзюпери", "Маленький принц", "ru"),
    Title("Марк Твен", "Приключения Тома Сойера", "ru"),
    Title("Lewis Carroll", "Alice's Adventures in Wonderland", "en"),
    Title("Rob Scotton", "Splat the Cat", "en"),
)

BRANCHES = (
    Branch(
        "ortalyq",
        "Орталық балалар және жасөспірімдер кітапханасы",
        "Центральная детско-юношеская библиотека",
        "Central Children's and Youth Library",
        "",
        TIME_ZONE,
        "Mo-Sa 09:00-18:00; Fr[-1] off",
        "+7 7232 00-00-01",
    ),
    Branch(
        "ablaketka",
        "«Аблакетка» филиалы",
        "Филиал «Аблакетка»",
        "Ablaketka Branch",
        "ortalyq",
        TIME_ZONE,
        "Mo-Fr 09:00-18:00; Fr[-1] off",
        "+7 7232 00-00-02",
    ),
    Branch(
        "zashchita",
        "«Защита» филиалы",
        "Филиал «Защита»",
        "Zashchita Branch",
        "ortalyq",
        TIME_ZONE,
        "Tu-Sa 10:00-19:00; Fr[-1] off",
        "+7 7232 00-00-03",
    ),
)

_WEEK = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


def branches(count: int | None = None) -> list[Branch]:
    """The three of the sample, or as many as asked for: from the fourth on they carry numbers for names."""
    wanted = len(BRANCHES) if count is None else count
    return [*BRANCHES[:wanted], *(_numbered(n) for n in range(len(BRANCHES) + 1, wanted + 1))]


def _numbered(n: int) -> Branch:
    hours = BRANCHES[n % len(BRANCHES)].opening_hours
    return Branch(f"filial-{n:02}", f"№{n} филиал", f"Филиал №{n}", f"Branch {n}", "ortalyq", TIME_ZONE, hours)


def lending_weekdays(branch: Branch) -> frozenset[int]:
    """Weekdays on which the desk lends, Monday 0: the `Mo-Sa` its hours begin with."""
    first, last = branch.opening_hours.split(" ", 1)[0].split("-")
    return frozenset(range(_WEEK.index(first), _WEEK.index(last) + 1))

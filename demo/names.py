"""Common family and given names of the region, for readers who do not exist.

A surname is kept in its masculine form; `feminine` makes the other. Names of well-known people are left out.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

Gender = Literal["m", "f"]
People = Literal["kazakh", "russian", "english"]


@dataclass(frozen=True, slots=True)
class Surname:
    """One family's name as its sons and as its daughters write it."""

    male: str
    female: str

    def of(self, gender: Gender) -> str:
        return self.male if gender == "m" else self.female


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES: dict[People, tuple[str, ...]] = {
    "kazakh": _words("""
        Әбенов Әлиев Әділханов Байжанов Бейсенов Бекболатов Бөкенов Дүйсенбаев Еңсебаев Есімханов
        Жақыпов Жүнісов Ибраев Ізбасаров Кенжебаев Кәрімов Қабышев Қалиев Қайырбеков Қасымов Қожахметов
        Қонысбаев Құсайынов Мамырбаев Мәуленов Мұқашев Мұсин Нұрғалиев Нұрсейітов Омаров Оразов
        Өмірзақов Рақышев Рахымжанов Сағындықов Садықов Сәрсенбаев Сейітқазин Серікбаев Тәжібаев
        Тілеубеков Тоқтаров Төлегенов Тұрсынов Уәлиев Үсенов Шаймарданов Шәріпов Ысқақов Ғабдуллин
        Ғалиев Бектұрғанов Есенғалиев Мырзабеков Айтқазин Әбілғазы Байғазы Жүсіп Қанат Құрманбай
        Мұқаметқали Нұрғазы Сейіт Тоқтарбек Шәкен
        """),
    "russian": _words("""
        Алексеев Антонов Баранов Белоусов Богданов Борисов Васильев Виноградов Герасимов Григорьев Гусев
        Дорофеев Егоров Ефимов Журавлёв Зайцев Захаров Зырянов Иванов Ильин Киселёв Козлов Кузнецов
        Лебедев Макаров Михайлов Морозов Никитин Николаев Новиков Орлов Петров Поляков Рябов Семёнов
        Сергеев Сидоров Смирнов Соколов Степанов Тарасов Тимофеев Фёдоров Филиппов Фролов Черепанов
        Шилов Щербаков Яковлев Белецкий Полянский Луговской Бондаренко Ткаченко Шевчук Мельник Шмидт
        Вебер Майер Фишер
        """),
    "english": _words("Baker Bennett Carter Clarke Cooper Fletcher Harris Mason Parker Turner Walker Wood"),
}

FATHERS = _words("""
    Айдос Алмас Асқар Берік Бақытжан Дәурен Ерлан Жанат Қайрат Марат Нұрлан Өмірбек Самат Серік Талғат
    """)

ADULTS: dict[People, dict[Gender, tuple[str, ...]]] = {
    "kazakh": {
        "f": _words("""
            Айгүл Айжан Айнұр Алма Ақмарал Ардақ Әсел Әсия Бағила Баян Бибігүл Гүлжан Гүлмира Гүлнар
            Динара Жанар Жанат Жазира Зәуре Қарлығаш Құралай Ләззат Мәдина Майра Назгүл Нұргүл Роза
            Салтанат Сандуғаш Сәуле Шынар Шолпан Үміт Зейнеп Меруерт
            """),
        "m": _words("""
            Айдос Алмас Арман Асқар Асылбек Әділет Бақытжан Бауыржан Берік Дәурен Ерлан Ержан Жандос
            Жанат Қайрат Қанат Марат Мұрат Нұржан Нұрлан Өмірбек Руслан Самат Серік Талғат Тілек Шыңғыс
            Ғалымжан Болат Ерболат
            """),
    },
    "russian": {
        "f": _words("""
            Анастасия Анна Валентина Вера Вероника Галина Дарья Евгения Екатерина Елена Ирина Ксения
            Лариса Людмила Марина Мария Надежда Наталья Оксана Ольга Светлана Татьяна Юлия Яна
            """),
        "m": _words("""
            Александр Алексей Андрей Антон Владимир Виталий Дмитрий Евгений Иван Игорь Константин Максим
            Михаил Николай Олег Павел Роман Сергей Станислав Юрий
            """),
    },
    "english": {
        "f": _words("Alice Claire Emily Helen Laura Rachel"),
        "m": _words("Adam Daniel Mark Peter Simon"),
    },
}

CHILDREN: dict[People, dict[Gender, tuple[str, ...]]] = {
    "kazakh": {
        "f": _words("""
            Айару Айзере Айлин Аиша Айым Аяжан Аяла Аяулым Ақбота Алина Амина Аружан Әдеми Әмина Әсем
            Балнұр Дария Дильназ Еркежан Жанель Жансая Жасмин Зере Іңкәр Інжу Қарақат Көзайым Мәдина
            Мерей Назерке Нұрай Нұрила Раяна Сабина Сафия Сезім Томирис Фатима Ұлдана Шұғыла
            """),
        "m": _words("""
            Абылай Айсұлтан Алдияр Алихан Алан Арлан Арсен Әділ Әли Әлихан Әмір Бексұлтан Бекзат Данияр
            Диас Ералы Ерасыл Еркебұлан Ернұр Ерсұлтан Жәнібек Жанәділ Ибраһим Ислам Қуаныш Мансұр
            Мейіржан Мирас Нұрали Нұрасыл Нұрислам Өркен Рамазан Расул Рауан Санжар Сұлтан Темірлан
            Хамза Ескендір
            """),
    },
    "russian": {
        "f": _words("""
            Алиса Анастасия Анна Арина Варвара Василиса Вероника Виктория Дарья Ева Екатерина Елизавета
            Ксения Мария Маргарита Милана Мирослава Полина София Стефания Таисия Ульяна
            """),
        "m": _words("""
            Александр Алексей Арсений Артём Богдан Даниил Демид Дмитрий Егор Иван Илья Кирилл Лев Максим
            Марк Матвей Мирон Михаил Никита Роман Семён Степан Тимофей Ярослав
            """),
    },
    "english": {"f": _words("Emma Grace Lily Mia Olivia Sophie"), "m": _words("Ben Jack Leo Max Oliver Sam")},
}

_LATIN = dict(
    zip(
        "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
        _words("a a b v g g d e e zh z i i k q l m n n o o p r s t u u u f kh h ts ch sh sh - y i - e yu ya"),
        strict=True,
    )
)


def feminine(surname: str) -> str:
    """The form a woman of the family bears: Иванова, Мұсина, Белецкая; names without such an ending stay."""
    if surname.endswith(("ский", "цкий", "ской")):
        return surname[:-2] + "ая"
    if surname.endswith(("ов", "ев", "ёв", "ин")):
        return surname + "а"
    return surname


def draw_surname(rng: Random, people: People) -> Surname:
    male = rng.choice(SURNAMES[people])
    return Surname(male, feminine(male))


def draw_childrens_surname(rng: Random, people: People, parents: Surname) -> Surname:
    """The parents' name, or for one Kazakh family in eight son or daughter of the father."""
    if people == "kazakh" and rng.random() < 0.125:
        father = rng.choice(FATHERS)
        return Surname(father + "ұлы", father + "қызы")
    return parents


def in_latin(name: str) -> str:
    """A name as it is spelt in a mail address: small Latin letters only."""
    return "".join(_LATIN.get(letter, letter) for letter in name.lower()).replace("-", "")

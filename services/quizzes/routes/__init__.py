"""HTTP in: load, call one use case, dump."""

from services.quizzes.routes.certificates import certificates
from services.quizzes.routes.classes import classes
from services.quizzes.routes.deadlines import deadlines
from services.quizzes.routes.files import files
from services.quizzes.routes.items import items
from services.quizzes.routes.nicknames import nicknames
from services.quizzes.routes.paper import paper
from services.quizzes.routes.playing import playing
from services.quizzes.routes.quizzes import quizzes
from services.quizzes.routes.results import results

BLUEPRINTS = [
    items,
    files,
    quizzes,
    playing,
    nicknames,
    deadlines,
    results,
    classes,
    paper,
    certificates,
]

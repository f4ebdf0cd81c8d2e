"""HTTP in: load, call one use case, dump."""

from services.quizzes.routes.files import files
from services.quizzes.routes.items import items
from services.quizzes.routes.nicknames import nicknames
from services.quizzes.routes.playing import playing
from services.quizzes.routes.quizzes import quizzes

BLUEPRINTS = [items, files, quizzes, playing, nicknames]

"""HTTP in: load, call one use case, dump."""

from services.accounts.routes.imports import imports
from services.accounts.routes.questions import questions
from services.accounts.routes.readers import readers
from services.accounts.routes.second_factors import second_factors
from services.accounts.routes.staff import staff
from services.accounts.routes.tokens import tokens

BLUEPRINTS = [tokens, imports, questions, readers, second_factors, staff]

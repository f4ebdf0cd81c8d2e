"""Long work of quizzes, by kind."""

from services.quizzes.deadline_run import DEADLINES, DeadlineRun
from services.quizzes.regrading import REGRADE, RegradeRun
from shared.runs import RunKind

RUNS: dict[str, RunKind] = {DEADLINES: DeadlineRun(), REGRADE: RegradeRun()}

from importlib import import_module
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, create_engine, text

from services.quizzes.models import Base
from shared.tables import KERNEL
from tests.quizzes.house import House


def test_the_migrated_schema_is_what_the_models_say(house: House):
    wanted = MetaData()
    for source in (KERNEL, Base.metadata):
        for table in source.tables.values():
            table.to_metadata(wanted)
    with house.database.reading() as session:
        present = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        differences = [each for each in compare_metadata(present, wanted) if "_version" not in str(each)]
    assert differences == []


def test_what_was_kept_before_stays_as_it_was(tmp_path: Path):
    """A certificate and an attempt under way, made by the first migration's tables."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    first, second = (
        import_module(f"services.quizzes.migrations.versions.{name}")
        for name in ("0001_quizzes", "0002_what_was_valid_stays_valid")
    )
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        first.upgrade()
        attempt = "'a', 'q', 't', 1, 'graded', 'kk', 's', '[]', '2026-01-01', '2026-01-02', 0, 2.0, 2.0, 100.0, 1"
        columns = "id, quiz_id, taker, number, state, language, seed, items, started_at, late_until, to_be_marked"
        connection.execute(text(f'INSERT INTO attempts ({columns}, points, "of", percent, passed) VALUES ({attempt})'))
        columns = "code, attempt_id, quiz_id, language, show_name, issued_at"
        connection.execute(text(f"INSERT INTO certificates ({columns}) VALUES ('C', 'a', 'q', 'kk', 0, '2026-01-01')"))
        second.upgrade()
        row = connection.execute(text('SELECT points, "of", percent, passed, consent_by FROM certificates')).one()
        assert tuple(row) == (2.0, 2.0, 100.0, 1, None)
        assert connection.execute(text("SELECT grace_until = late_until FROM attempts")).scalar() == 1
    engine.dispose()

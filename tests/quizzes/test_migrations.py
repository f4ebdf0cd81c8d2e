from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

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

"""Every file format by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.quizzes.formats import Exported, Imported
from services.quizzes.formats.aiken import read_aiken
from services.quizzes.formats.csv_file import read_csv, write_csv
from services.quizzes.formats.gift_reading import read_gift
from services.quizzes.formats.gift_writing import write_gift
from services.quizzes.formats.moodle_reading import read_moodle
from services.quizzes.formats.moodle_writing import write_moodle
from services.quizzes.formats.qti_reading import read_qti
from services.quizzes.formats.qti_writing import write_qti
from services.quizzes.formats.xlsx_file import read_xlsx, write_xlsx
from services.quizzes.items import Item

# (a file's content, the language of texts that are marked for none) -> what it holds
READERS: Mapping[str, Callable[[bytes, str], Imported]] = {
    "gift": read_gift,
    "aiken": read_aiken,
    "moodle": read_moodle,
    "qti": read_qti,
    "csv": read_csv,
    "xlsx": read_xlsx,
}
WRITERS: Mapping[str, Callable[[Sequence[Item]], Exported]] = {
    "gift": write_gift,
    "moodle": write_moodle,
    "qti": write_qti,
    "csv": write_csv,
    "xlsx": write_xlsx,
}

"""The sample library as the three files a real library would hand over.

Nobody in it exists: names are drawn from lists, mail goes to example.org, phones are +7 7232 00-00-01 and up.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import TextIO, TypeVar

from demo.catalogue import Branch
from demo.catalogue import branches as catalogue_branches
from demo.households import HouseholdDraw, Reader
from demo.lending import Loan, LoanDraw

Row = TypeVar("Row", Branch, Reader, Loan)


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Paths of the files, in the formats `kitaphana import` takes."""

    folder: Path

    @property
    def branches(self) -> Path:
        return self.folder / "branches.csv"

    @property
    def readers(self) -> Path:
        return self.folder / "readers.csv"

    @property
    def loans(self) -> Path:
        return self.folder / "loans.csv"

    def complete(self) -> bool:
        return self.branches.exists() and self.readers.exists() and self.loans.exists()


def generate(
    folder: Path,
    today: date,
    readers: int = 2_000,
    loans: int = 5_000,
    branches: int | None = None,
    seed: int = 2020,
) -> SampleFiles:
    """Write branches.csv, readers.csv and loans.csv to `folder`, made if need be.

    `branches` is a count, None for the three of the sample. Exactly `readers` and `loans` rows are written,
    as a stream; the same arguments give the same bytes.
    Due dates lie from 45 days before `today` to 29 after.
    """
    if readers < 1 or loans < 0 or (branches is not None and branches < 1):
        raise ValueError("readers and branches must be at least 1, loans at least 0")
    files = SampleFiles(folder)
    folder.mkdir(parents=True, exist_ok=True)
    open_branches = catalogue_branches(branches)
    with _opened(files.branches) as branches_file:
        _table(branches_file, Branch)(open_branches)
    people = HouseholdDraw(Random(f"{seed} readers"), today, open_branches).readers(readers)
    lending = LoanDraw(Random(f"{seed} loans"), today, open_branches, loans, readers)
    with _opened(files.readers) as readers_file, _opened(files.loans) as loans_file:
        write_readers, write_loans = _table(readers_file, Reader), _table(loans_file, Loan)
        for reader in people:
            write_readers([reader])
            write_loans(lending.loans_of(reader))
    return files


def _opened(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _table(file: TextIO, row_type: type[Row]) -> Callable[[Iterable[Row]], None]:
    """Write the header line; the answer writes rows under it."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(row_type._fields)
    return writer.writerows

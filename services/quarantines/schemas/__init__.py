"""Shapes of the HTTP API of quarantines."""

from __future__ import annotations

from services.quarantines.schemas.branches import Branch, BranchBody, BranchChange, BranchPage, ImportReport
from services.quarantines.schemas.decisions import (
    ActPage,
    ActQuery,
    Change,
    Declaration,
    Draft,
    DraftBody,
    DraftPage,
    Lift,
    Note,
    Previewed,
    Quarantine,
    QuarantinePage,
    QuarantineQuery,
    WholeQuarantine,
)
from services.quarantines.schemas.fields import CODE, code
from services.quarantines.schemas.reports import Report, ReportQuery

__all__ = [
    "CODE",
    "ActPage",
    "ActQuery",
    "Branch",
    "BranchBody",
    "BranchChange",
    "BranchPage",
    "Change",
    "Declaration",
    "Draft",
    "DraftBody",
    "DraftPage",
    "ImportReport",
    "Lift",
    "Note",
    "Previewed",
    "Quarantine",
    "QuarantinePage",
    "QuarantineQuery",
    "Report",
    "ReportQuery",
    "WholeQuarantine",
    "code",
]

"""What comes back by the clock: forgetting."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from services.accounts.importing import forget_files
from services.accounts.models import OneTimeCode, SignInSession
from services.accounts.use_cases import tries
from shared import clock
from shared.service import Context
from shared.ticks import Tick

TRIES_KEPT = timedelta(days=2)
SIGN_INS_KEPT = timedelta(days=90)


def forget(context: Context) -> None:
    with context.database.transaction() as session:
        tries.forget_old(session, TRIES_KEPT)
        session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < clock.now()))
        session.execute(delete(SignInSession).where(SignInSession.expires_at < clock.now() - SIGN_INS_KEPT))
    forget_files(context.database)


TICKS = (Tick("forget sign-ins", 600.0, forget),)

from pathlib import Path

from babel.messages.extract import extract_from_dir

from services.loans import renewals
from shared.language import translate

HERE = Path(renewals.__file__).parent


def test_every_refusal_of_loans_is_said_in_kazakh_and_russian() -> None:
    marked = {"ValidationError": None, "refused": (2,)}
    found = extract_from_dir(HERE, method_map=[("**.py", "python")], keywords=marked)
    messages = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    messages |= {*renewals.REASONS.values(), "Use 1 to 100 characters on one line."}
    assert len(messages) > 8
    assert not [message for message in messages for code in ("kk", "ru") if translate(message, code) == message]

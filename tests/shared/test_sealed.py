import pytest

from shared.sealed import LONGEST, BrokenSeal, seal, unseal


def test_what_is_sealed_can_be_opened_and_is_not_shown():
    sealed = seal("system secret", "code", "402913")
    assert unseal("system secret", "code", sealed) == "402913"
    assert "402913" not in sealed
    assert seal("system secret", "code", "402913") != sealed


@pytest.mark.parametrize(("secret", "purpose"), [("another", "code"), ("system secret", "link")])
def test_another_secret_or_purpose_opens_nothing(secret, purpose):
    with pytest.raises(BrokenSeal):
        unseal(secret, purpose, seal("system secret", "code", "402913"))


@pytest.mark.parametrize("broken", ["", "a.b.c.d.e", "not a seal", "ж"])
def test_what_was_never_sealed_is_refused(broken):
    with pytest.raises(BrokenSeal):
        unseal("system secret", "code", broken)


def test_the_longest_text_that_is_sealed_can_be_opened_and_a_longer_one_is_not_sealed():
    text = "x" * LONGEST
    assert unseal("system secret", "code", seal("system secret", "code", text)) == text
    with pytest.raises(ValueError, match="at most"):
        seal("system secret", "code", f"{text}x")

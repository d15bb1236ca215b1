"""Tokens and approval keys: the once-a-minute rule, the same token for six hours, a life of a day."""

import pytest

from simulators.kis.credentials import LIFE_MS, SAME_MS, Credentials


class Market:
    def __init__(self) -> None:
        self.ms = 10**12

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def market():
    return Market()


def test_a_second_call_within_a_minute_is_refused_and_does_not_start_the_minute_anew(market):
    credentials = Credentials(market, 1, (None, None))
    assert credentials.issue("key") is not None
    market.ms += 59_999
    assert credentials.issue("key") is None
    assert credentials.issue("another key") is not None
    market.ms += 1
    assert credentials.issue("key") is not None


def test_the_same_token_comes_back_for_six_hours_with_the_end_it_had(market):
    credentials = Credentials(market, 1, (None, None))
    first = credentials.issue("key")
    market.ms += SAME_MS - 1
    assert credentials.issue("key") == first
    market.ms += 60_000
    token, ends = credentials.issue("key")
    assert token != first[0]
    assert ends == market.ms + LIFE_MS
    assert credentials.verdict(first[0], "key") is None  # the old one is good to its end


def test_a_token_ends_after_a_day(market):
    credentials = Credentials(market, 1, (None, None))
    token, ends = credentials.issue("key")
    market.ms = ends - 1
    assert credentials.verdict(token, "key") is None
    market.ms = ends
    assert credentials.verdict(token, "key") == "EGW00123"


def test_a_revoked_token_is_not_given_again(market):
    credentials = Credentials(market, 1, (None, None))
    token, _ = credentials.issue("key")
    assert credentials.revoke(token)
    assert credentials.verdict(token, "key") == "EGW00123"
    market.ms += 60_000
    assert credentials.issue("key")[0] != token


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ä.ö.ü"])
def test_a_token_of_nobody_is_invalid(market, token):
    credentials = Credentials(market, 1, (None, None))
    assert credentials.verdict(token, "key") == "EGW00121"
    assert not credentials.revoke(token)


def test_a_token_belongs_to_its_key_and_outlives_a_restart(market):
    token, _ = Credentials(market, 1, (None, None)).issue("key")
    restarted = Credentials(market, 1, (None, None))
    assert restarted.verdict(token, "key") is None
    assert restarted.verdict(token, "another key") == "EGW00121"


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (("key", "secret"), None),
        (("", "secret"), "EGW00102"),
        (("other", "secret"), "EGW00103"),
        (("key", None), "EGW00104"),
        (("key", "other"), "EGW00105"),
    ],
)
def test_a_key_pair_that_is_insisted_on(market, pair, code):
    assert Credentials(market, 1, ("key", "secret")).refusal(*pair) == code


def test_an_approval_key_is_good_for_a_day(market):
    credentials = Credentials(market, 1, (None, None))
    key = credentials.approve("key")
    assert key != credentials.approve("key")
    assert credentials.approved(key) == "key"
    assert credentials.approved("unknown") is None
    market.ms += LIFE_MS
    assert credentials.approved(key) is None

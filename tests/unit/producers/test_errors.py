"""The broker's refusals, sorted by remedy."""

from __future__ import annotations

import pytest

from producers.kis.errors import (
    REMEDIES,
    BadCredentials,
    ClientFault,
    KisError,
    NoData,
    NotPermitted,
    RateLimited,
    Temporary,
    TokenRejected,
    TokenTooSoon,
    error_in,
)
from schemas.errors import ConfigError, Unavailable

# Every code of the broker's published list, with what a client is told to do.
LISTED = {
    Temporary: "EGW00001 EGW00002 EGW00202 EGW00203 EGW00204 EGW00300 EGW00301 EGW00302 OPSQ0001 OPSQ0003 OPSQ0011 "
    "OPSQ1002 OPSQ2003 OPSQ3001 OPSQ3002 OPSQ3004",
    RateLimited: "EGW00201",
    TokenTooSoon: "EGW00133",
    TokenRejected: "EGW00121 EGW00122 EGW00123",
    BadCredentials: "EGW00102 EGW00103 EGW00104 EGW00105",
    NotPermitted: "EGW00003 EGW00004 EGW00101 EGW00106 EGW00107 EGW00108 EGW00109 EGW00110 EGW00111 EGW00112 EGW00113 "
    "EGW00114 EGW00115 EGW00116 EGW00117 EGW00118 EGW00119 EGW00120 EGW00124 EGW00125 EGW00126 EGW00127 EGW00128 "
    "EGW00129 EGW00130 EGW00206 EGW00207 EGW00210 EGW00211 EGW00212 EGW00213 EGW00303 EGW00304",
    ClientFault: "EGW00131 EGW00132 EGW00205 EGW00208 EGW00209 OPSQ0002 OPSQ2000 OPSQ2001 OPSQ2002 OPSQ9995 OPSQ9996 "
    "OPSQ9997 OPSQ9998 OPSQ9999",
    NoData: "MCA05918",
}


@pytest.mark.parametrize(("kind", "codes"), LISTED.items(), ids=[kind.__name__ for kind in LISTED])
@pytest.mark.parametrize("status", [200, 401, 403, 500])
def test_a_code_counts_whatever_the_http_status_is(kind, codes, status):
    for code in codes.split():
        error = error_in(status, {"rt_cd": "1", "msg_cd": code, "msg1": "text   "})
        assert type(error) is kind
        assert (error.code, error.message) == (code, "text")


def test_the_list_is_complete():
    # The OPSQ range 0003 to 0011 is listed by its ends above.
    listed = {code for codes in LISTED.values() for code in codes.split()}
    assert set(REMEDIES) - listed == {f"OPSQ{number:04d}" for number in range(4, 11)}
    assert listed <= set(REMEDIES)


def test_oauth_replies_have_another_shape():
    error = error_in(403, {"error_description": "1분당 1회", "error_code": "EGW00133"})
    assert isinstance(error, TokenTooSoon)
    assert error.message == "1분당 1회"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {}, RateLimited),
        (500, {}, Temporary),
        (502, {"rt_cd": "1", "msg_cd": "UNKNOWN"}, Temporary),
        (403, {}, NotPermitted),
        (404, {}, ClientFault),
        (200, {"rt_cd": "1", "msg_cd": "UNKNOWN"}, KisError),
    ],
)
def test_an_unknown_code_goes_by_its_status(status, body, kind):
    assert type(error_in(status, body)) is kind


@pytest.mark.parametrize("body", [{"rt_cd": "0", "msg_cd": "MCA00000"}, {"access_token": "x"}, {"rt_cd": "0 "}])
def test_a_success_is_no_error(body):
    assert error_in(200, body) is None


def test_errors_say_what_to_do_next():
    for kind in (Temporary, RateLimited, TokenTooSoon, TokenRejected):
        assert issubclass(kind, Unavailable)
        assert kind("X", "").retry_after_s > 0
    for kind in (BadCredentials, NotPermitted):
        assert issubclass(kind, ConfigError)

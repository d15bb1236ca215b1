"""A taken port is refused with who holds it."""

from __future__ import annotations

import socket
import sys

import pytest

from runtime.ports import check_free
from schemas.errors import ConfigError


def test_a_free_port_is_accepted_and_a_taken_one_names_its_holder():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(
            ConfigError, match=rf"PTJ_API_PORT: expected a free port, received {port}, which .* uses"
        ) as error:
            check_free("127.0.0.1", port)
        if sys.platform == "linux":
            assert "(pid " in str(error.value)
    check_free("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host.invalid"])  # RFC 5737: nobody's
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(ConfigError, match="PTJ_API_HOST: expected an address of this machine"):
        check_free(host, 8000)

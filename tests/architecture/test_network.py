"""The suite's own fence: proof that it holds."""

import socket

import pytest


def test_connection_beyond_loopback_is_refused() -> None:
    with socket.socket() as probe, pytest.raises(RuntimeError, match="only loopback"):
        probe.connect(("192.0.2.1", 80))

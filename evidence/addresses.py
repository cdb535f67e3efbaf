"""Which hosts may be reached: names are resolved once, every address is judged, and only judged ones are used.

No Django here: ``Policy`` is plain data; ``evidence.operator`` builds it from the settings.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_NUMBERS_ONLY = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]*|[0-9]+)){0,3}\.?")
# IPv6 ranges that carry an IPv4 address inside: NAT64 (two prefixes) and IPv4-compatible.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")


class AddressRefused(ValueError):
    """The host may not be reached; the message says why and what the operator can do."""


def system_resolver(host: str, port: int) -> list[str]:
    """Return every address of ``host`` that the system knows, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


@dataclass(frozen=True, slots=True)
class Policy:
    """What may leave this machine, and how much may come back.

    ``allowed`` holds (host, port) pairs that the operator trusts although they are private, loopback, on another port
    or without TLS; everything else is https on port 443 at a public address. Sizes are bytes (after decompression),
    times seconds.
    """

    allowed: frozenset[tuple[str, int]] = frozenset()
    max_bytes: int = 25 * 1024 * 1024
    total_seconds: float = 30.0
    connect_seconds: float = 5.0
    resolver: Resolver = field(default=system_resolver, compare=False)

    def is_allowed(self, host: str, port: int) -> bool:
        """True when the operator has named this host and port."""
        return (host.lower().strip("[]"), port) in self.allowed


def parse_allowed(entries: Iterable[str]) -> frozenset[tuple[str, int]]:
    """Read "host:port" texts (IPv6 in brackets) into the pairs that ``Policy.allowed`` wants."""
    pairs = set()
    for entry in entries:
        host, _, port = entry.strip().rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"{entry!r} must look like host:port")
        pairs.add((host.lower().strip("[]"), int(port)))
    return frozenset(pairs)


def is_public(address: IPAddress) -> bool:
    """True for an address of the public internet, looking through every form that hides an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = _hidden_ipv4(address)
        if hidden is not None:
            return is_public(hidden)
        if address.is_site_local:
            return False
    elif address in _SHARED:
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not special


def _hidden_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64) or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def judge(host: str, port: int, policy: Policy, timeout: float | None = None) -> list[str]:
    """Resolve ``host`` and return the addresses to connect to, all of them judged; never resolve again afterwards.

    One bad address refuses the whole host: a name that answers with a private address beside a public one is an
    attack or a mistake. Raises AddressRefused; OSError when the name does not resolve; TimeoutError.
    """
    bare = host.strip("[]").lower()
    addresses = _resolve(bare, port, policy.resolver, timeout or policy.connect_seconds)
    if not addresses:
        raise OSError(f"{host} has no address")
    if policy.is_allowed(bare, port):
        return addresses
    _require_plain_host(bare)
    for text in addresses:
        if not is_public(ipaddress.ip_address(text)):
            raise AddressRefused(
                f"{host} leads to {text}, which is not a public address; an operator who means it lists "
                f"{host}:{port} in ATTEST_OUTSIDE_ALLOW"
            )
    return addresses


def _require_plain_host(host: str) -> None:
    """Refuse spellings that parsers read differently (2130706433, 0x7f.1, 127.1) and names that are no host names."""
    if ":" in host:
        ipaddress.IPv6Address(host)
    elif _NUMBERS_ONLY.fullmatch(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise AddressRefused(f"{host} is not a plain host name or address") from None
    elif not _HOST.fullmatch(host) or len(host) > 253:
        raise AddressRefused(f"{host!r} is not a plain host name or address")


def _resolve(host: str, port: int, resolver: Resolver, timeout: float) -> list[str]:
    """Ask the resolver with a time limit: getaddrinfo itself has none."""
    answer: list[list[str]] = []
    failure: list[BaseException] = []

    def ask() -> None:
        try:
            answer.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(timeout)
    if failure:
        raise OSError(f"{host} cannot be resolved: {failure[0]}")
    if not answer:
        raise TimeoutError(f"{host} was not resolved within {timeout:g} s")
    return answer[0]

"""Where a result may be downloaded from. An address in an answer is somebody else's text: it must not lead us inside.

Rules: https, from the API's own host or one that the provider names; the host's name is resolved once, every address
must be a public one, and the connection goes to exactly these (a name that changes its address between check and use
changes nothing); redirects are followed by hand and pass the same rules; the key goes to the API's own origin only.

An API on this machine (the emulator) may hand out addresses of this machine, over http as well, and no others.
Special-purpose addresses: RFC 6890; IPv4 inside IPv6: RFC 4291 section 2.5.5, RFC 6052, RFC 3056, RFC 4380.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

from bridge.http.outcome import Answer, TransportError

MOST_REDIRECTS = 3
# Enough to get past an address family that does not work here.
MOST_ADDRESSES = 4

# Signed addresses take up to 2,000 characters or so; servers refuse more than 8,000.
_LONGEST_URL = 8000
_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
# What a path or query may hold as it stands; the rest is percent-encoded. `%` stays, so that signatures stay valid.
_AS_IS = "%/?:@!$&'()*+,;=~-._[]"
_REDIRECTS = (301, 302, 303, 307, 308)

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

# What no result comes from, on top of what `ipaddress` knows (which differs between Python versions).
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # public by the registry, but inside a cloud a service of the host
        "192.0.0.0/24",  # likewise
        "192.88.99.0/24",  # relays of 6to4
        "::ffff:0:0/96",  # IPv4 in another dress, as are the next two
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "64:ff9b:1::/48",  # a network's own translation, with whatever length of prefix (RFC 8215)
        "3fff::/20",
        "5f00::/16",
    )
)
# A network without IPv4 reaches all of it through these: the last 32 bits say where an address really leads.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Upper half of the interface part of ISATAP addresses, which tunnel to the IPv4 address in the lower half (RFC 5214).
_ISATAP = (0x00005EFE, 0x02005EFE)


class Origin(NamedTuple):
    """Scheme, host (lower case, IPv6 without brackets) and port: what a key belongs to (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DownloadTarget:
    """An address that passed: what to ask for, whom, and the numeric addresses to connect to."""

    origin: Origin
    raw_path: str
    addresses: tuple[str, ...]


Fetch: TypeAlias = Callable[[DownloadTarget, bool], Awaitable[Answer]]


def split_url(url: str) -> tuple[Origin, str]:
    """A URL's origin, and its path with the query, percent-encoded.

    Raises:
        TransportError: `unsafe`: no plain http(s) URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unsafe("the address of a result is no web address") from None
    host = parts.hostname or ""
    if (
        len(url) > _LONGEST_URL
        or parts.scheme not in _PORTS
        or "@" in parts.netloc
        or "%" in host
        or _FORBIDDEN.search(url)
        or not (_HOST_NAME.fullmatch(host) or _parse_ip(host))
    ):
        raise _unsafe("the address of a result is no plain web address")
    raw_path = quote(parts.path or "/", safe=_AS_IS) + (f"?{quote(parts.query, safe=_AS_IS)}" if parts.query else "")
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if port is None else port), raw_path


def is_local(host: str) -> bool:
    """Whether a host of the configuration is this machine. Only the one name that never leaves it counts."""
    address = _parse_ip(host)
    return host == "localhost" if address is None else address.is_loopback


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """The numeric addresses of a host, best first, as the operating system says. Raises OSError."""
    entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class DownloadRules:
    """The rules above for one API: `base_url` and the further `hosts` (a leading dot stands for all names below)."""

    def __init__(self, base_url: str, hosts: Sequence[str] = (), resolver: Resolver = resolve_host) -> None:
        self.own, _ = split_url(base_url)
        self.local = is_local(self.own.host)
        self._hosts = tuple(host.lower() for host in hosts)
        self._resolver = resolver
        if self.own.scheme != "https" and not self.local:
            raise _unsafe("the provider's API has to be reached by https")

    async def check_url(self, url: str) -> DownloadTarget:
        """Checks an address and resolves its host, once.

        Raises:
            TransportError: `unsafe`, or `offline` where the name cannot be resolved.
        """
        origin, raw_path = split_url(url)
        if origin.scheme != "https" and not self.local:
            raise _unsafe("a result may only be downloaded by https")
        if not self._is_allowed(origin.host):
            raise _unsafe(f"results of this provider may not be downloaded from {origin.host}")
        try:
            entries = await self._resolver(origin.host, origin.port)
        except UnicodeError:
            raise _unsafe("the address of a result names an impossible host") from None
        except OSError:
            raise TransportError("offline", f"the name {origin.host} could not be looked up") from None
        addresses = [_parse_ip(text) for text in entries]
        if not all(address is not None and _may_be_reached(address, local=self.local) for address in addresses):
            raise _unsafe(f"{origin.host} leads into a private network")
        if not addresses:
            raise TransportError("offline", f"the name {origin.host} has no address")
        return DownloadTarget(origin, raw_path, tuple(str(address) for address in addresses[:MOST_ADDRESSES]))

    def _is_allowed(self, host: str) -> bool:
        return host == self.own.host or any(
            host.endswith(known) if known.startswith(".") else host == known for known in self._hosts
        )


async def follow_redirects(url: str, gate: DownloadRules, fetch: Fetch) -> Answer:
    """The answer at the end of at most three redirects. `fetch` gets a target and whether the key may go along.

    Raises:
        TransportError: `unsafe`, and what `fetch` raises.
    """
    with_key = True
    for _ in range(MOST_REDIRECTS + 1):
        target = await gate.check_url(url)
        # Once a foreign host had its say, even a way back to the API goes without the key.
        with_key = with_key and target.origin == gate.own
        answer = await fetch(target, with_key)
        location = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not location:
            return answer
        try:
            url = urljoin(url, location)
        except ValueError:
            raise _unsafe("a result redirects to no web address") from None
    raise _unsafe("the address of a result redirects too often")


def _parse_ip(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _may_be_reached(address: IpAddress, *, local: bool) -> bool:
    return address.is_loopback if local else _is_public(address)


def _is_public(address: IpAddress) -> bool:
    if address in _NAT64:
        address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    elif isinstance(address, ipaddress.IPv6Address) and int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return False
    # `is_global` lets multicast and some reserved blocks through.
    special = address.is_private or address.is_multicast or address.is_reserved or address.is_link_local
    return address.is_global and not special and not any(address in network for network in _NEVER)


def _unsafe(detail: str) -> TransportError:
    return TransportError("unsafe", detail)

"""Which addresses outputs may be fetched from.

The API names the address of an output, so a wrong or hostile answer could point into the private network of
this machine. The check is made on the address that a socket is about to be connected to: after name
resolution, for IP literals and for every redirect alike, so that no name can resolve differently later.
"""

import ipaddress
import socket

import aiohttp
from yarl import URL

from repaint.errors import OutputUnavailable

# IANA's special-purpose registries, what is not globally reachable, and the old tunnels. `is_global` of
# Python's ipaddress changed between the versions we run on, and counts multicast as global.
CLOSED_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
OPEN_V6 = ipaddress.IPv6Network("2000::/3")  # all of global unicast
CLOSED_V6 = tuple(
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedAddress(OSError):
    """A connection to an address that is not public was not made."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable for everybody. What is no IP address is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in CLOSED_V4)
    if ip in NAT64:  # how an IPv6-only machine reaches IPv4: the address is in the last 32 bits
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip in OPEN_V6 and not any(ip in net for net in CLOSED_V6)


def public_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """A socket for a connection to a public address. Raises RefusedAddress (an aiohttp socket factory)."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise RefusedAddress("not a public address")
    return socket.socket(family, kind, protocol)


def was_refused(error: BaseException) -> bool:
    """Whether aiohttp's error means that `public_socket` made no connection."""
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, RefusedAddress)


def guarded_connector(limit: int) -> aiohttp.TCPConnector:
    """A connector that makes connections to public addresses only, at most `limit` at once."""
    return aiohttp.TCPConnector(limit=limit, socket_factory=public_socket)


def web_address(address: str, base: URL | None = None) -> URL:
    """A URL that may be asked for an output, relative to `base` if there is one. Raises OutputUnavailable.

    http and https alone, without a user name or password. Where it leads is checked when connecting.
    """
    try:
        url = URL(address) if base is None else base.join(URL(address))
    except ValueError:
        raise OutputUnavailable(f"not a URL: {address[:200]!r}") from None
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
        raise OutputUnavailable(f"not a plain web address: {address[:200]!r}")
    return url

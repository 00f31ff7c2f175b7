"""Which addresses outputs may be fetched from."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from repaint.errors import OutputUnavailable
from repaint.segmind import net

CLOSED = [
    "0.0.0.0",  # noqa: S104  an address to refuse
    *("10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::a00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::"),
    *("3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    *("", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "8.8.8", "1.2.3.4.5", "[::1]"),
]
OPEN = [
    *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1"),
    *("223.255.255.1", "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888"),
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_for_everybody_is_closed(address: str) -> None:
    assert not net.is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_open(address: str) -> None:
    assert net.is_public(address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_python_calls_private_is_never_open(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert not net.is_public(str(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_no_more_open_behind_nat64(address: ipaddress.IPv4Address) -> None:
    behind = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert net.is_public(str(behind)) == net.is_public(str(address))


def test_a_socket_is_made_for_a_public_address_only() -> None:
    net.public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))).close()
    with pytest.raises(net.RefusedAddress):
        net.public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)))


@pytest.mark.parametrize(
    "address",
    ["", "/outputs/x.png", "ftp://h/x", "file:///etc/passwd", "javascript:x", "http://", "http:///x",
     "http://[::1", "http://h:99999/", "http://user:secret@h/x", "http://user@h/x", "gopher://h", "data:,x"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    with pytest.raises(OutputUnavailable):
        net.web_address(address)


def test_a_relative_address_is_joined_to_where_it_was_said() -> None:
    base = URL("https://a.example/x/y.png?z=1")
    assert net.web_address("../w.png", base) == URL("https://a.example/w.png")
    assert net.web_address("//b.example/w", base) == URL("https://b.example/w")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_an_address(address: str) -> None:
    for base in (None, URL("https://a.example/")):
        try:
            url = net.web_address(address, base)
        except OutputUnavailable:
            continue
        assert url.scheme in ("http", "https")
        assert url.host

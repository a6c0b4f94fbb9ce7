"""
The far side: one POST, and what is certain about it.

Three ends, kept apart because they mean different things for a borrower: nothing left us (`NotReachedError`), it left
us and no whole reply came (`NoReplyError`), or a reply.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

LONGEST = 64 * 1024
"""Bytes of a reply that are read; a longer one is no reply."""


class NotReachedError(Exception):
    """No connection: nothing was sent."""


class NoReplyError(Exception):
    """Something was sent, and what became of it is unknown."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the gateway said: its status, the JSON object in its body ({} if there is none), when to come back."""

    status: int
    said: Mapping[str, object]
    retry_after: str = ""


class Gateway:
    """
    A gateway at *url*.

    Args:
        url: Where messages are posted. It is https, unless the host is this machine.
        timeout: Seconds for each wait: to be connected, for a part of the reply.
        ca_file: Certificates to trust in place of the system's.

    Raises:
        ValueError: The URL cannot be used; the message does not repeat it, because it may hold a password.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, ca_file: Path | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected a URL that begins with https:// and names a host.")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError("expected a URL without user, password and fragment.")
        if parts.scheme == "http" and not _is_this_machine(parts.hostname):
            raise ValueError("expected https: without it, addresses and texts can be read on the way.")
        self._host, self._port = parts.hostname, parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._host!r})"

    def post(self, body: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """
        Post *body* as JSON on a connection of its own, and return the reply. Redirects are not followed.

        Raises:
            NotReachedError: Nothing was sent.
            NoReplyError: It is unknown what became of it.
        """
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError as error:  # refused, no such host, no route, a certificate that is not trusted
                raise NotReachedError(type(error).__name__) from None
            try:
                return _exchange(connection, self._path, json.dumps(body).encode(), headers)
            except (OSError, HTTPException) as error:
                raise NoReplyError(type(error).__name__) from None
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self._tls is not None:
            return HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        return HTTPConnection(self._host, self._port, timeout=self._timeout)


def _exchange(connection: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    connection.request("POST", path, body=body, headers={"Content-Type": "application/json", **headers})
    with connection.getresponse() as response:
        text = response.read(LONGEST + 1)
        if response.length or len(text) > LONGEST:  # `read` returns what came, also when the rest never did
            raise NoReplyError("the reply broke off, or has no end")
        retry_after = response.headers.get("Retry-After", "")
    return Reply(status=response.status, said=_object(text), retry_after=retry_after)


def _object(text: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Sessions of operators and the limit on wrong tokens. Both are in memory only: a restart of the server ends them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST = 12 * 3600.0  #: seconds after which a session ends
IDLE = 2 * 3600.0  #: seconds without a request after which a session ends
MOST_SESSIONS = 50  #: at once; a further one ends the session that was unused for longest
TRIES = 5  #: wrong tokens of one client in :data:`WINDOW` seconds; the response to a further one says how long to wait
WINDOW = 300.0
MAX_TRIES_KEPT = 10_000  # wrong tokens of all clients kept in memory
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class OperatorSession:
    """An operator who is logged in. ``name``: recorded with his decisions; ``csrf``: the token in his forms."""

    name: str
    csrf: str
    begun: float
    used: float


class Sessions:
    """The sessions of one server, safe for several threads; only digests of session keys are kept."""

    def __init__(self, token: str, clock: Clock = time.monotonic) -> None:
        self._token = _digest(token)
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[bytes, OperatorSession] = {}
        self._wrong: deque[tuple[float, str]] = deque(maxlen=MAX_TRIES_KEPT)

    def wait(self, caller: str) -> int:
        """Return how many seconds a client must wait after wrong tokens; 0: it may try again now."""
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0][0] <= now - WINDOW:
                self._wrong.popleft()
            own = [at for at, who in self._wrong if who == caller]
            return max(1, round(own[0] + WINDOW - now)) if len(own) >= TRIES else 0

    def enter(self, token: str, name: str, caller: str) -> str | None:
        """Start a session and return its key; None for a wrong token.

        A right token is accepted even after many wrong ones: otherwise anybody could lock the operators out.
        """
        right = hmac.compare_digest(_digest(token), self._token)
        with self._lock:
            now = self._clock()
            if not right:
                self._wrong.append((now, caller))
                return None
            while len(self._sessions) >= MOST_SESSIONS:
                del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].used)]
            key = secrets.token_urlsafe(32)
            self._sessions[_digest(key)] = OperatorSession(name, secrets.token_urlsafe(32), now, now)
            return key

    def find(self, key: str | None) -> OperatorSession | None:
        """Return the session of a key and note its use; None if there is none or it has ended."""
        if not key:
            return None
        with self._lock:
            now, session = self._clock(), self._sessions.get(_digest(key))
            if session is None:
                return None
            if now - session.begun > LONGEST or now - session.used > IDLE:
                del self._sessions[_digest(key)]
                return None
            self._sessions[_digest(key)] = replace(session, used=now)
            return session

    def leave(self, key: str | None) -> None:
        """End the session of a key."""
        with self._lock:
            self._sessions.pop(_digest(key or ""), None)


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(_digest(one), _digest(other))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

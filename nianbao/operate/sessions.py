"""Sessions of operators, in memory, and how often a token may be tried. A server that is started anew knows none."""

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
IDLE = 2 * 3600.0  #: seconds without a request after which it ends
MOST_SESSIONS = 50  #: at once; a further one ends the oldest
TRIES = 5  #: wrong tokens of one caller in :data:`WINDOW` seconds, before a further wrong one is answered with a wait
WINDOW = 300.0
MAX_TRIES_KEPT = 10_000  # wrong tokens of all callers that are remembered
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class OperatorSession:
    """Somebody who is in. ``name``: what is written beside what he decides; ``csrf``: the token of his forms."""

    name: str
    csrf: str
    begun: float
    used: float


class Sessions:
    """The sessions of one server. Only digests of their keys are kept. Several threads may use it."""

    def __init__(self, token: str, clock: Clock = time.monotonic) -> None:
        self._token = _digest(token)
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[bytes, OperatorSession] = {}
        self._wrong: deque[tuple[float, str]] = deque(maxlen=MAX_TRIES_KEPT)

    def wait(self, caller: str) -> int:
        """Return the seconds for which a caller is told to wait after a wrong token; 0: he may try again now."""
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0][0] <= now - WINDOW:
                self._wrong.popleft()
            own = [at for at, who in self._wrong if who == caller]
            return max(1, round(own[0] + WINDOW - now)) if len(own) >= TRIES else 0

    def enter(self, token: str, name: str, caller: str) -> str | None:
        """Begin a session and give its key; None for a wrong token.

        A right token is never refused, whoever tried before: otherwise anybody could lock the operators out.
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
        """The session of a key, if it has not ended."""
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
        """End a session."""
        with self._lock:
            self._sessions.pop(_digest(key or ""), None)


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(_digest(one), _digest(other))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

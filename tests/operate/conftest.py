"""Operators' pages of an archive of imitation portals, walked as a browser without scripts does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import pytest
from loopback_web import Sandbox
from lxml import html

from tests.patience import PATIENCE
from tests.served import served_to_operators

TOKEN = "a-token-of-our-own-for-tests"


class Visitor:
    """A browser without scripts: opens pages below ``/operate/en/`` and sends their forms."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=PATIENCE, follow_redirects=True)

    def open(self, path: str, lang: str = "en") -> Any:
        answer = self.client.get(f"/operate/{lang}/{path}")
        assert answer.status_code == 200, answer.text
        return html.fromstring(answer.content, base_url=str(answer.url))

    def send(self, page: Any, action: str, press: str = "", **changed: str) -> httpx.Response:
        """Send the form of a page whose address ends with ``action``; ``press``: the button with this text."""
        [form] = [one for one in page.forms if (one.action or "").endswith(action)][:1]
        fields = [(name, value) for name, value in form.form_values() if name not in changed]
        buttons = [one for one in form.iter("button") if one.text_content() == press and one.get("name")]
        fields += [(one.get("name"), one.get("value")) for one in buttons[:1]]
        body = urlencode([*fields, *changed.items()])
        return self.client.post(
            urljoin("/operate/en/", form.action),
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
        )

    def enter(self, token: str = TOKEN, name: str = "李四") -> httpx.Response:
        return self.send(self.open("login"), "/login", token=token, name=name)

    def waits(self, path: str, text: str) -> str:
        """The words of a page as soon as they have ``text``."""
        for turn in range(400):
            found = words(self.open(path))
            if text in found:
                return found
            time.sleep(min(0.1 + turn / 20, 1))  # each page costs a busy machine time that the work needs
        raise AssertionError(f"{text!r} is not shown: {found}")


def words(page: Any) -> str:
    return " ".join(page.find("body").text_content().split())


@pytest.fixture
def browser(archive: Sandbox) -> Iterator[Visitor]:
    """A browser on the operators' pages of ``archive``; nobody is in yet."""
    with served_to_operators(archive.path, TOKEN, None, "127.0.0.1") as address:
        yield Visitor(address)

"""``nianbao seal`` and ``nianbao verify``: what a person sees, with time-stamps from a stand-in on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_archive import SmallSite, new_archive

from tests.cli.authority import Authority, authority, available
from tests.played import nianbao

pytest.importorskip("rfc3161_client", reason="time-stamps need rfc3161-client (extra seal); install it to test them.")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One run of one portal, kept: what is sealed need not be large."""
    with new_archive(tmp_path / "archive") as home:
        site = SmallSite(home, first_year=2025)
        site.agency("sfj", "汶上县司法局")
        site.publish("2026-01-20", "nb/0.html", "汶上县司法局")
    return tmp_path / "archive"


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if not available():
        pytest.skip("the stand-in for a time-stamping authority needs openssl; install it to run this test.")
    with authority(tmp_path_factory.mktemp("tsa") / "authority") as made:
        yield made


def test_a_seal_is_made_found_good_and_compared_with_what_was_noted_elsewhere(archive: Path) -> None:
    made = nianbao("seal", "--json", archive=archive, code=0)
    (seal,) = json.loads(made.out)
    assert seal["new"] is True
    again = nianbao("seal", archive=archive, code=0)
    assert again.out.startswith("nothing new since 000001-")
    good = nianbao("verify", "--expect", seal["sha256"], archive=archive, code=0)
    assert "everything is as sealed" in good.out
    assert seal["sha256"] in good.out
    other = nianbao("verify", "--expect", "0" * 64, "--json", archive=archive, code=1)
    assert [one["code"] for one in json.loads(other.out)] == ["not_in_chain"]
    assert nianbao("verify", "--expect", seal["sha256"][:12], archive=archive).code == 2


def test_a_time_stamp_is_asked_for_kept_and_checked(archive: Path, stand_in: Authority) -> None:
    words = ("--timestamp", stand_in.url, "--roots", str(stand_in.root), "--json")
    sealed = nianbao("seal", *words, archive=archive, code=0)
    (seal,) = json.loads(sealed.out)
    assert seal["authority"] == "CN=Time-stamping authority of a test"
    stamp = archive / "seals" / f"{seal['seal']}.tsr"
    assert stamp.exists()
    checked = nianbao("verify", "--roots", str(stand_in.root), archive=archive, code=0)
    assert "(signature checked)" in checked.out
    assert "(signature not checked: give --roots)" in nianbao("verify", archive=archive).out
    # a stamp of something else proves nothing
    stamp.write_bytes(stand_in.stamped_bytes(b"other bytes"))
    wrong = nianbao("verify", "--json", archive=archive, code=1)
    assert [one["code"] for one in json.loads(wrong.out)] == ["stamp_wrong"]
    assert "over other bytes" in wrong.out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, b""), "returned 302"),
        ((200, b"0" * (1 << 20) + b"0"), "is no time-stamp"),
        ((200, bytes.fromhex("30053003020102")), "refused"),
    ],
)
def test_an_authority_that_fails_costs_the_stamp_only(
    archive: Path, stand_in: Authority, answer: tuple[int, bytes], said: str
) -> None:
    stand_in.answer = answer
    try:
        sealed = nianbao("seal", "--timestamp", stand_in.url, archive=archive, code=1)
    finally:
        stand_in.answer = None
    assert said in sealed.err
    nianbao("verify", archive=archive, code=0)

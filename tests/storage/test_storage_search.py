"""Projections on both engines: built aside and swapped in; the index finds exactly the texts that hold a phrase."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from storage_making import sample

from storage import records
from storage.database import Database
from storage.errors import ProjectionError
from storage.home import Home
from storage.judgements import PortalRows
from storage.mapping import from_json, to_json
from storage.projection_tables import ProjectionTables, projection_tables
from storage.projections import ProjectionStore
from storage.records import CellState, Lead, Reading, StoredCell
from storage.search import SearchQuery, find, put_texts
from storage.search_texts import LONGEST_PHRASE, SearchParagraph, SearchText, normalised

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def edition(name: str, *paragraphs: str, **more: object) -> SearchText:
    made = SearchText(
        edition=name, agency=f"p/{name}", kind="department", year=2025, since=NOW, until=None,
        passages=tuple(
            SearchParagraph(
                text=words, document="ab" * 32, section=1, heading="一、总体情况", key="overview", paragraph=number
            )
            for number, words in enumerate(paragraphs, start=1)
        ),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class Index:
    """An index on one engine, and beside it the texts themselves, scanned for what is asked."""

    database: Database
    tables: ProjectionTables
    texts: dict[str, list[SearchText]] = field(default_factory=dict)

    def put(self, portal: str, *found: SearchText) -> None:
        self.texts[portal] = list(found)
        with self.database.begin() as connection:
            put_texts(connection, self.tables, portal, found)

    def ask(self, *words: str, without: Sequence[str] = (), **more: object) -> list[str]:
        asked = SearchQuery(words=words, without=tuple(without), as_of=NOW, **more)  # type: ignore[arg-type]
        with self.database.read() as connection:
            rows, total = find(connection, self.tables, asked, 1_000, 0)
        assert total == len(rows)
        return sorted(row.edition for row in rows)

    def scan(self, *words: str, without: Sequence[str] = ()) -> list[str]:
        found = []
        for one in (one for held in self.texts.values() for one in held):
            said = [normalised(part.text) for part in one.passages]
            if all(_in(word, said) for word in words) and not any(_in(word, said) for word in without):
                found.append(one.edition)
        return sorted(found)


def _in(word: str, paragraphs: Collection[str]) -> bool:
    return any(word in paragraph for paragraph in paragraphs)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'index.sqlite'}"
    else:
        url = request.getfixturevalue("lasting_postgresql_url")
    tables = projection_tables(())
    made = Index(Database(url), tables)
    with made.database.begin() as connection:
        tables.metadata.create_all(connection, checkfirst=False)
    yield made
    made.database.close()


@pytest.fixture
def index(made_index: Index) -> Index:
    """The index with nothing in it."""
    for portal in list(made_index.texts):
        made_index.put(portal)
    return made_index


ALPHABET = "行政复议公开①ａAé\u0301e\u200b 　\t２9.,、。“\"'\\*-:()\ufb01㎡\U00020000\U0001f600\ud800\x00한\u1112\u1161"
texts_ = st.lists(st.lists(st.text(alphabet=ALPHABET, max_size=14), max_size=3), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts_, st.data())
def test_exactly_the_hits_of_a_scan(index: Index, written: list[list[str]], data: st.DataObject) -> None:
    """Whatever stands in texts and whatever part of them, or anything else, is asked for."""
    index.put("p", *[edition(f"e{number}", *paragraphs) for number, paragraphs in enumerate(written)])
    said = [normalised(one) for paragraphs in written for one in paragraphs]
    parts = [one for one in said if one] or ["行政"]
    words = []
    for _ in range(data.draw(st.integers(1, 3))):
        whole = data.draw(st.sampled_from(parts))
        start = data.draw(st.integers(0, len(whole) - 1))
        part = whole[start : start + data.draw(st.integers(1, 5))]
        words.append(normalised(data.draw(st.one_of(st.just(part), st.text(ALPHABET, min_size=1, max_size=3)))))
    words = [word for word in words if word] or ["行"]
    assert index.ask(*words[:2], without=words[2:]) == index.scan(*words[:2], without=words[2:])


def test_a_phrase_is_found_wherever_it_stands_in_a_long_text(index: Index) -> None:
    numbered = "".join(f"第{number}条公开" for number in range(6_000))
    index.put("p", edition("a", "笙" * 2_000 + "芦", "末尾"), edition("b", numbered, "芦笙"))
    for word in ("笙芦", "笙笙", "公开", "笙" * LONGEST_PHRASE, "末尾", "第5999条", "条公开第4321条公", "9条公开"):
        assert index.ask(word) == index.scan(word), word
    assert index.ask("第3条公开", "芦笙") == ["b"]
    index.put("p", edition("a", "短"))
    assert [index.ask(word) for word in ("笙芦", "第5999条", "芦笙", "短")] == [[], [], [], ["a"]]


def test_what_changes_is_put_anew_and_the_rest_stays(index: Index) -> None:
    index.put("p", edition("a", "行政复议"), edition("b", "行政诉讼"))
    index.put("q", edition("c", "行政许可"))
    before = _numbers(index)
    index.put("p", edition("a", "行政复议", until=NOW), edition("b", "行政处罚"), edition("d", "无"))
    after = _numbers(index)
    assert (before["a"], before["c"]) == (after["a"], after["c"])
    assert before["b"] != after["b"]
    assert index.ask("行政", last=False) == ["a", "b", "c"]
    assert index.ask("行政") == ["b", "c"]  # a is no longer the last
    assert index.ask("诉讼", last=False) == []
    index.put("p")
    assert index.ask("行政", last=False) == ["c"]


def _numbers(index: Index) -> dict[str, int]:
    table = index.tables.search_texts
    with index.database.read() as connection:
        return {row.edition: row.no for row in connection.execute(table.select())}


# ------------------------------------------------------------------------------------------------ generations

INDICATORS = {"received.total": 0, "procurement.amount": 6, "result.granted": 0, "result.refused": 0, "suits.total": 0}


@pytest.fixture
def store(home: Home) -> ProjectionStore:
    return ProjectionStore(home, INDICATORS)


def portal_rows(portal: str) -> PortalRows:
    return PortalRows(leads=[sample(Lead, portal=portal)])


def test_every_field_of_a_record_comes_back_from_json() -> None:
    kinds = [kind for kind in vars(records).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert {Reading, Lead, StoredCell} <= {*kinds}
    for kind in kinds:
        record: Any = sample(kind)
        assert from_json(kind, to_json(record)) == record, kind


def test_a_build_swaps_in_whole_and_readers_keep_what_they_hold(store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    query = text("SELECT portal FROM leads")
    with store.read() as reader:
        assert reader.execute(query).scalars().all() == ["old"]
        with store.building() as aside:
            with (
                pytest.raises(ProjectionError, match="another process"),
                ProjectionStore(store.home, INDICATORS).building(),
            ):
                pass
            assert aside.leads() == []
            aside.replace_portal("new", portal_rows("new"))
            assert store.leads() == portal_rows("old").leads
        assert reader.execute(query).scalars().all() == ["old"]
        with store.read() as other:
            assert other.execute(query).scalars().all() == ["new"]
    assert store.leads() == portal_rows("new").leads


def test_a_value_that_fits_no_column_is_kept_beside_it(store: ProjectionStore) -> None:
    found = (
        sample(StoredCell, id="received.total", value=Decimal("2.5"), state=CellState.PRINTED),
        sample(StoredCell, id="procurement.amount", value=Decimal("96171.60"), state=CellState.PRINTED),
        sample(StoredCell, id="result.granted", value=None, state=CellState.BLANK),
        sample(StoredCell, id="result.refused", value=None, state=CellState.MARK),
    )
    odd = sample(Reading, cells={cell.id: cell for cell in found})
    store.put_readings([odd])
    assert store.reading(odd.document) == odd
    with store.read() as connection:
        assert connection.execute(text("SELECT received__total FROM cells")).scalar_one() is None

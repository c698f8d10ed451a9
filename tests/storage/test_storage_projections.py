"""Projections on both engines: replaced portal by portal, built aside, swapped in, compared on natural keys."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from storage.errors import ProjectionError
from storage.home import Home, init_home, open_home
from storage.judgements import Contradiction, Fingerprint, Repeat, Standing
from storage.mapping import to_json
from storage.projections import LookJudgement, PortalRows, ProjectionStore, StoredDocument, StoredFinding
from storage.reading_rows import FLAGGED, IN_FINDING, bare_reading, doubt_of, state_of
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    Cell,
    CellState,
    DatedWitness,
    Duty,
    Edition,
    EvidenceGrade,
    Finding,
    IdentityEvidence,
    Lead,
    Reading,
    ReportKind,
    Section,
    Severity,
    Status,
    StatusInterval,
)
from storage.registry import Registry
from storage.search_texts import Passage, SearchText
from storage.status_rows import NOTHING, packed_rests, rests_of
from tests.patience import PATIENCE

INDICATORS = {"received.total": 0, "procurement.amount": 6, "result.granted": 0, "result.refused": 0, "suits.total": 0}
AT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    return init_home(tmp_path / "archive", database_url=url)


@pytest.fixture
def store(archive: Home) -> ProjectionStore:
    return ProjectionStore(archive, INDICATORS)


def digest(number: int) -> str:
    return f"{number:064x}"


def reading(number: int, received: str = "3") -> Reading:
    found = [
        Cell(id="received.total", value=Decimal(received), raw=received, state=CellState.PRINTED, locator={"row": 1}),
        Cell(id="procurement.amount", value=Decimal("96171.60"), raw="96171.60", state=CellState.PRINTED),
        Cell(id="result.granted", value=None, raw="", state=CellState.BLANK),
        Cell(id="result.refused", value=None, raw="/", state=CellState.MARK, flags=("mark",)),
    ]
    return Reading(
        document=digest(number),
        reader="1",
        normaliser="1",
        kind="html",
        is_report=True,
        reason="",
        title="汶上县司法局2025年政府信息公开工作年度报告",
        form="2021",
        identity=IdentityEvidence(titles=("汶上县司法局2025年政府信息公开工作年度报告",)),
        cells={cell.id: cell for cell in found},
        content_digest=digest(number),
        text="正文" * 200,
    )


def portal_rows(portal: str, year: int = 2025) -> PortalRows:
    agency = f"{portal}/1"
    finding = Finding(code="identity_broken", severity=Severity.WARNING, zh="不平", en="broken", cells=("a", "b"))
    witness = DatedWitness(origin="metadata", at=AT, text="2026-02-01")
    return PortalRows(
        leads=[
            Lead(
                portal=portal,
                listing=f"{portal}:nb",
                url="http://a/1",
                title="年报",
                listed=date(2026, 1, 30),
                is_report=True,
                agency=agency,
                agency_name="司法局",
                year=year,
                report_kind=ReportKind.AGENCY,
                confidence=0.9,
                reason="title",
            )
        ],
        look_judgements=[LookJudgement(look="look-1", listing=f"{portal}:nb", leads=3, suspect=True, reason="fewer")],
        bindings=[
            Binding(
                document=digest(1),
                url="http://a/1",
                is_report=True,
                reason="",
                agency=agency,
                agency_name="司法局",
                year=year,
                report_kind=None,
                covers=("x",),
                basis={"agency": "title"},
                findings=(finding,),
            )
        ],
        editions=[
            Edition(
                id=f"{agency}/{year}@{digest(1)[-12:]}",
                agency=agency,
                year=year,
                track="http://a/1",
                content_digest="c",
                main=digest(1),
                cells_from=digest(1),
                first_seen=AT,
                last_seen=AT + timedelta(days=1),
                captures=("ab" * 16, "cd" * 16),
                documents=(digest(1),),
                declared=date(2026, 1, 30),
                findings=(finding,),
            )
        ],
        duties=[
            Duty(
                agency=agency,
                year=year,
                kind=AgencyKind.DEPARTMENT,
                due=date(2026, 1, 31),
                practice=None,
                basis="条例 art. 49",
            )
        ],
        statuses=[
            StatusInterval(
                agency=agency,
                year=year,
                since=AT,
                until=AT + timedelta(days=1),
                status=Status.UNKNOWN,
                evidence=EvidenceGrade.NONE,
                rule=12,
                reason="never_crawled",
                zh="未知",
                en="unknown",
            ),
            StatusInterval(
                agency=agency,
                year=year,
                since=AT + timedelta(days=1),
                until=None,
                status=Status.LATE,
                evidence=EvidenceGrade.PROVEN,
                rule=4,
                reason="",
                zh="迟",
                en="late",
                days_late=2,
                witnesses=(witness,),
                looks=("look-1",),
                findings=(finding,),
            ),
        ],
        standing=[
            Standing(
                agency=agency,
                year=year,
                kind=AgencyKind.DEPARTMENT,
                counts="both",
                since=AT,
                until=None,
                status=Status.LATE,
                edition=f"{agency}/{year}@{digest(1)[-12:]}",
                editions=1,
                tabled=True,
                reading=digest(1),
                documents=(digest(1), digest(2)),
                marks=("withdrawn", "system"),
            )
        ],
        contradictions=[
            Contradiction(
                agency=agency,
                year=year,
                edition=f"{agency}/{year}@1",
                against=f"{agency}/{year - 1}@1",
                document=digest(1),
                since=AT,
                until=None,
                code="carry_over",
                severity=Severity.WARNING,
                zh="不平",
                en="broken",
                cells=("a", "b"),
                expected="1",
                found="2",
                marks=(-(2**63), 2**63 - 1),
                letters=(60, 61),
            )
        ],
        fingerprints=[
            Fingerprint(
                agency=agency,
                year=year,
                edition=f"{agency}/{year}@1",
                document=digest(1),
                since=AT,
                until=AT + timedelta(days=1),
                content=-(2**63),
                figures=2**63 - 1,
                different=5,
                bits=40,
                text1=None,
                text2=None,
                text3=None,
            )
        ],
        repeats=[Repeat(agency=agency, mark=-(2**63))],
        texts=[
            SearchText(
                edition=f"{agency}/{year}@{digest(1)[-12:]}",
                agency=agency,
                kind="department",
                year=year,
                since=AT,
                until=None,
                passages=(Passage(text="公" * 300, document=digest(1), section=1, heading="一", key="", paragraph=1),),
            )
        ],
        findings=[
            StoredFinding(subject_kind="duty", subject=f"{agency}/{year}", agency=agency, year=year, finding=finding)
        ],
    )


def test_judgements_come_back_as_given(store: ProjectionStore) -> None:
    rows = portal_rows("wenshang")
    store.replace_portal("wenshang", rows)
    store.replace_portal("yiyuan", portal_rows("yiyuan"))
    assert store.leads("wenshang") == rows.leads
    assert store.look_judgements("wenshang") == rows.look_judgements
    assert store.bindings("wenshang") == rows.bindings
    assert store.editions("wenshang") == rows.editions
    assert store.duties("wenshang") == rows.duties
    assert store.statuses("wenshang") == rows.statuses
    assert store.findings("wenshang") == rows.findings
    assert store.contradictions("wenshang") == rows.contradictions
    assert store.fingerprints("wenshang") == rows.fingerprints
    assert len(store.editions()) == 2
    assert [one.status for one in store.statuses("wenshang", as_of=AT + timedelta(days=1))] == [Status.LATE]
    assert [one.status for one in store.statuses("wenshang", as_of=AT)] == [Status.UNKNOWN]
    assert store.statuses("wenshang", as_of=AT - timedelta(days=1)) == []


def test_replacing_one_portal_leaves_the_others(store: ProjectionStore) -> None:
    for portal in ("wenshang", "yiyuan"):
        store.replace_portal(portal, portal_rows(portal))
    store.replace_portal("wenshang", PortalRows())
    assert store.leads("wenshang") == []
    assert store.leads() == portal_rows("yiyuan").leads
    dumped = store.content()
    without = {"documents", "search_bodies", "search_pieces"}
    assert all('"portal": "yiyuan"' in row for name, table in dumped.items() for row in table if name not in without)
    assert [len(dumped[name]) for name in ("search_texts", "search_bodies", "search_pieces")] == [1, 1, 1]


def test_replacing_is_all_or_nothing(store: ProjectionStore) -> None:
    store.replace_portal("wenshang", portal_rows("wenshang"))
    before = store.content()
    broken = replace(portal_rows("wenshang", 2024), editions=[replace(portal_rows("x").editions[0], main=None)])  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        store.replace_portal("wenshang", broken)
    assert store.content() == before


def test_documents_and_readings(store: ProjectionStore) -> None:
    documents = [
        StoredDocument(digest=digest(n), capture=f"{n:032x}", url="http://a/", mime="text/html", size=n, first_seen=AT)
        for n in range(300)
    ]
    store.put_documents(documents)
    store.put_documents(documents[:1])
    assert store.documents() == {document.digest: document for document in documents}
    assert store.documents([digest(n) for n in range(250, 350)]) == {one.digest: one for one in documents[250:]}
    store.put_readings(reading(n) for n in range(300))
    newer = replace(reading(7, received="9"), reader="2")
    store.put_reading(newer)
    assert store.reading(digest(7)) == newer
    assert store.reading(digest(7), reader="1") is None
    assert store.reading(digest(999)) is None
    everything = [one.digest for one in documents]
    assert store.read_by("2", everything) == {digest(7)}
    assert len(store.read_by("1", everything)) == 299
    assert store.read_by("1", [digest(6), digest(7), digest(999)]) == {digest(6)}
    assert list(store.readings([digest(3), digest(5)])) == [reading(3), reading(5)]
    assert len(list(store.readings())) == 300
    assert store.cells(digest(999)) == {}


@pytest.mark.parametrize("text", ['a","sections":[{"heading":"', "一\ud800", ""])
def test_what_two_readings_are_compared_by_is_what_they_hold(store: ProjectionStore, text: str) -> None:
    sections = (Section(heading=text, key="overview", text=f"{text}\n{text}"),)
    meta = {'b","sections":[': text, "sections": text}
    one = replace(reading(1), title=text, sections=sections, identity=replace(reading(1).identity, meta=meta))
    other = replace(reading(2, received="4"), sections=(), text=text)
    store.put_readings([one, other])
    ((before, after),) = store.compared([(one.document, other.document)])
    assert before is not None
    assert after is not None
    assert (before.document, before.form, before.sections) == (one.document, one.form, one.sections)
    assert (after.sections, after.text) == ((), text)
    differing = {name for name, cell in one.cells.items() if cell != other.cells.get(name)}
    assert before.cells == {name: one.cells[name] for name in differing}
    assert after.cells == {name: other.cells[name] for name in differing}
    assert store.reading(one.document) == one
    assert next(store.compared([(one.document, digest(9))])) == (replace(before, cells=one.cells), None)


def test_a_reading_as_former_versions_wrote_it_is_read() -> None:
    one = replace(reading(1), cells={})
    assert bare_reading(zlib.compress(to_json(one).encode("ascii"))) == one


def test_what_stands_finds_the_cells_of_its_reading_and_of_no_other(store: ProjectionStore) -> None:
    table, cells = store.tables.standing, store.tables.cells
    query = select(cells.c.received__total).select_from(table.outerjoin(cells, cells.c.no == table.c.reading))

    def found() -> list[object]:
        with store.read() as connection:
            return list(connection.execute(query).scalars())

    store.put_readings([reading(2, "7"), reading(1)])
    store.replace_portal("wenshang", portal_rows("wenshang"))
    assert found() == [3]
    store.put_readings([reading(2, "8"), reading(1, "5"), reading(3, "9")])
    assert found() == [5]
    with store.write() as connection:  # the last of all numbers is given to no other reading, once it is free
        for one in (store.tables.readings, cells, store.tables.cell_notes):
            connection.execute(one.delete())
    store.put_readings([reading(4), reading(5), reading(6), reading(7)])
    assert found() == [None]


def test_a_status_keeps_what_it_rests_on(store: ProjectionStore) -> None:
    store.replace_portal("wenshang", portal_rows("wenshang"))
    table = store.tables.statuses
    with store.read() as connection:
        packed = list(connection.execute(select(table.c.rests).order_by(table.c.since)).scalars())
    names = [one.id for one in portal_rows("wenshang").editions]
    assert [list(rests_of(one, AT).editions) for one in packed] == [names, names]
    assert [rests_of(one, AT - timedelta(seconds=1)) for one in packed] == [NOTHING, NOTHING]
    heads = [("cd" * 16, "http://b/", AT + timedelta(microseconds=1), "page", 200), ("ab" * 16, "u", AT, "error", None)]
    again = rests_of(packed_rests(heads, []), AT)
    assert (again.captures, again.editions) == ((heads[1], heads[0]), ())
    assert packed_rests([], []) is None
    assert rests_of(None, AT) == NOTHING


def test_cells_are_exact_columns_with_states(store: ProjectionStore) -> None:
    store.put_readings([reading(1), reading(2, received="4")])
    cells = store.tables.cells
    amount, received = cells.c.procurement__amount, cells.c.received__total
    with store.read() as connection:
        total, count, above = connection.execute(
            select(func.sum(amount), func.sum(received), func.count().filter(received > Decimal(3)))
        ).one()
        packed = connection.execute(select(cells.c.states).limit(1)).scalar_one()
        raw = connection.execute(text("SELECT sum(received__total) FROM cells")).scalar_one()
        blank = connection.execute(text("SELECT count(*) FROM cells WHERE result__granted IS NULL")).scalar_one()
    assert (total, count, above, raw, blank) == (Decimal("192343.2"), 7, 1, 7, 2)
    assert isinstance(total, Decimal)
    assert store.states_of(bytes(packed)) == {
        "received.total": CellState.PRINTED,
        "procurement.amount": CellState.PRINTED,
        "result.granted": CellState.BLANK,
        "result.refused": CellState.MARK,
    }


def test_which_cells_are_doubted_is_known_without_unpacking_any(store: ProjectionStore) -> None:
    named = Finding(
        code="identity_broken", severity=Severity.WARNING, zh="", en="", cells=("received.total", "suits.total")
    )
    store.put_readings([reading(1), replace(reading(2), findings=(named,)), replace(reading(3), cells={})])
    cells = store.tables.cells
    with store.read() as connection:
        rows = connection.execute(select(cells.c.states, cells.c.doubts).order_by(cells.c.no)).all()
    told = [[(state_of(states, at), doubt_of(doubts, at)) for at in range(len(INDICATORS))] for states, doubts in rows]
    printed, blank, mark = CellState.PRINTED, CellState.BLANK, CellState.MARK
    assert told[0] == [(printed, 0), (printed, 0), (blank, 0), (mark, FLAGGED), (None, 0)]
    assert told[1] == [(printed, IN_FINDING), (printed, 0), (blank, 0), (mark, FLAGGED), (None, 0)]
    assert told[2] == [(None, 0)] * 5
    assert bytes(rows[2].doubts) == b""


def test_a_value_that_fits_no_column_is_kept_beside_it(store: ProjectionStore) -> None:
    odd = reading(1, received="2.5")
    store.put_reading(odd)
    assert store.reading(digest(1)) == odd
    with store.read() as connection:
        assert connection.execute(text("SELECT received__total FROM cells")).scalar_one() is None


def test_the_whole_form_of_indicators_fits(archive: Home) -> None:
    many = {f"section.row_{n}.column_with_a_long_name": 0 for n in range(460)}
    store = ProjectionStore(archive, many)
    cells = {name: Cell(id=name, value=Decimal(n), raw=str(n), state=CellState.PRINTED) for n, name in enumerate(many)}
    full = replace(reading(1), cells=cells)
    store.put_reading(full)
    assert store.reading(digest(1)) == full


def test_truth_and_projections_can_be_asked_together(archive: Home, store: ProjectionStore) -> None:
    agency = Agency(id="wenshang/1", portal="wenshang", name="司法局", kind=AgencyKind.DEPARTMENT, recorded_at=AT)
    Registry(archive).put_agencies([agency])
    store.replace_portal("wenshang", portal_rows("wenshang"))
    query = text("SELECT agencies.name, editions.year FROM editions JOIN agencies ON editions.agency = agencies.id")
    with store.read() as connection:
        assert connection.execute(query).all() == [("司法局", 2025)]


def test_meta_belongs_to_a_generation(store: ProjectionStore) -> None:
    store.set_meta("reader", "1")
    store.set_meta("reader", "2")
    assert store.meta("reader") == "2"
    with store.building() as aside:
        assert aside.meta("reader") is None
        aside.set_meta("reader", "3")
    assert store.meta("reader") == "3"
    assert not store.outdated


def test_other_indicators_mean_a_rebuild(archive: Home, store: ProjectionStore) -> None:
    store.set_meta("x", "y")
    grown = ProjectionStore(archive, INDICATORS | {"new.form": 0})
    assert grown.outdated
    assert not store.outdated
    with grown.building() as aside:
        aside.put_reading(reading(1))
    assert not grown.outdated
    assert store.outdated
    assert grown.reading(digest(1)) == reading(1)


def test_a_build_swaps_in_whole_and_readers_keep_what_they_hold(store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    query = text("SELECT portal FROM leads")
    with store.read() as reader:
        assert reader.execute(query).scalars().all() == ["old"]
        with store.building() as aside:
            assert aside.leads() == []
            aside.replace_portal("new", portal_rows("new"))
            assert store.leads() == portal_rows("old").leads
        assert reader.execute(query).scalars().all() == ["old"]
        with store.read() as other:
            assert other.execute(query).scalars().all() == ["new"]
    assert store.leads() == portal_rows("new").leads


def test_same_rows_in_any_order_are_the_same_content(store: ProjectionStore) -> None:
    portals = ["a", "b", "c"]
    store.put_readings([reading(1), reading(2)])
    for portal in portals:
        store.replace_portal(portal, portal_rows(portal))
    before = store.content()
    with store.building() as aside:
        aside.put_readings([reading(2), reading(1)])
        for portal in reversed(portals):
            aside.replace_portal(portal, portal_rows(portal))
        assert aside.content() == before
        aside.put_reading(reading(2, received="5"))
        assert aside.content() != before
    assert store.content() != before


def test_content_is_the_same_on_both_engines(tmp_path: Path, postgresql_url: str) -> None:
    dumps = []
    for name, url in (("s", None), ("p", postgresql_url)):
        store = ProjectionStore(init_home(tmp_path / name, database_url=url), INDICATORS)
        store.put_documents([StoredDocument(digest=digest(1), capture="ab" * 16, url="u", first_seen=AT)])
        store.put_readings([reading(1), reading(2, received="2.5")])
        store.replace_portal("a", portal_rows("a"))
        dumps.append(store.content())
    assert dumps[0] == dumps[1]
    assert all(dumps[0].values())


def test_a_build_that_raises_changes_nothing(store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    before = store.content()

    def reader_dies() -> None:
        with store.building() as aside:
            aside.replace_portal("new", portal_rows("new"))
            raise RuntimeError("reader died")

    with pytest.raises(RuntimeError, match="reader"):
        reader_dies()
    assert store.content() == before
    with store.building() as aside:
        aside.replace_portal("new", portal_rows("new"))
    assert store.leads() == portal_rows("new").leads


def test_one_builds_at_a_time(archive: Home, store: ProjectionStore) -> None:
    other = ProjectionStore(open_home(archive.path), INDICATORS)
    with store.building():
        with pytest.raises(ProjectionError, match="another process"), other.building():
            pass
        other.set_meta("still", "writable")
    with other.building():
        pass


def test_killed_in_the_middle_the_old_ones_stand(archive: Home, store: ProjectionStore) -> None:
    store.replace_portal("old", portal_rows("old"))
    before = store.content()
    script = str(Path(__file__).with_name("storage_building.py"))
    for portals in (1, 20):
        with subprocess.Popen([sys.executable, script, str(archive.path)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(portals)]
            child.kill()
        assert lines == [b"one more\n"] * portals
        assert store.content() == before
    deadline = time.monotonic() + PATIENCE
    while True:  # a server notices the death of its client a moment later
        try:
            with store.building() as aside:
                aside.replace_portal("new", portal_rows("new"))
            break
        except ProjectionError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert store.leads() == portal_rows("new").leads
    with store.building():
        pass
    assert generations(archive) == 2  # the current and the one before; nothing is left of the killed


def generations(home: Home) -> int:
    if home.truth.is_sqlite:
        return len(list(home.path.glob("projections-*.sqlite")))
    with home.truth.read() as connection:
        query = text("SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, 'nianbao_p_')")
        return int(connection.execute(query).scalar_one())


def test_projections_can_be_thrown_away(tmp_path: Path) -> None:
    home = init_home(tmp_path / "a")
    store = ProjectionStore(home, INDICATORS)
    store.replace_portal("old", portal_rows("old"))
    store.close()
    for path in home.path.glob("projections-*"):
        path.unlink()
    again = ProjectionStore(home, INDICATORS)
    assert again.leads() == []
    again.replace_portal("new", portal_rows("new"))
    assert again.leads() == portal_rows("new").leads
    assert home.truth.state() == "current"

"""Every portal of the project is attributes only, and has recorded pages."""

from __future__ import annotations

from pathlib import Path

from crawler import portals

FOLDER = Path(__file__).with_name("portals")


def test_every_portal_of_the_project_has_recorded_pages() -> None:
    assert sorted(portals.classes()) == sorted(path.parent.name for path in FOLDER.glob("*/pages.toml"))


def test_a_portal_is_attributes_only_and_imports_its_family_and_nothing_else() -> None:
    for path in Path(FOLDER.parent.parent, "spiders").glob("*/[a-z]*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= portals.LINES
        imports = [line for line in lines if line.startswith(("import ", "from "))]
        assert len(imports) == 1
        assert imports[0].startswith("from crawler.cms import ")
        assert not any(line.strip().startswith(("def ", "async ", "@")) for line in lines)

"""Whether a place belongs to the sample of an assessment that researchers compare with (``samples.toml``). Pure."""

from __future__ import annotations

from functools import cache
from typing import Any

from archive.assessment.data_files import data_file
from archive.identity.divisions import level_of


@cache
def _cass() -> dict[str, Any]:
    return dict(data_file("samples.toml", "archive.exports")["cass"])


def in_cass_sample(code: str, year: int) -> bool | None:
    """Return whether the government of the division ``code`` (six digits) is assessed in ``year`` by the index of
    government transparency of CASS. None: a county, as those are chosen anew each time, or a year without a source.
    """
    sample, level = _cass(), level_of(code)
    if level == "county" or not sample["first_year"] <= year <= sample["last_year"]:
        return None
    return level == "province" or code in {*sample["capitals"], *sample["zones"], *sample["approved"]}

"""Contracts in the docstrings of a spider's callbacks, which ``scrapy check`` tests for a portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from scrapy.contracts import Contract
from scrapy.exceptions import ContractFail

from crawler.items import ListingSnapshot
from storage.records import ListingForm, LookOutcome


class FirstListing(Contract):
    """``@first_listing``: call the callback with the first column in the portal's file."""

    name = "first_listing"

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:
        super().__init__(method, *args)
        self.spider: Any = getattr(method, "__self__", None)

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of the request that ``scrapy check`` sends, with the address of the portal's first
        column (a page with a list of reports). Without columns: that of its first addressed listing, a template of one
        address per agency and year, for the first agency with a code and for last year. Without both: unchanged.
        """
        from crawler import portals  # noqa: PLC0415 - only a check needs the portal's agencies

        now, kind = datetime.now(UTC), type(self.spider)
        columns = [row.url for row in portals.declared_listings(kind, now)]
        addressed = [spec.url for spec in kind.listings if spec.form is ListingForm.ADDRESSED]
        code = next((agency.code for agency in portals.agencies(kind, now) if agency.code), None)
        if not columns and addressed and code:
            columns = [addressed[0].replace("{code}", code).replace("{year}", str(now.year - 1))]
        return args | {"url": columns[0]} if columns else args


class ReadsReports(Contract):
    """``@reads_reports``: the callback yields a look that is ok and has links."""

    name = "reads_reports"

    def post_process(self, output: list[Any]) -> None:
        """Raise :class:`ContractFail` if there is no look, or it is not ok, or it has no links."""
        looks = [item for item in output if isinstance(item, ListingSnapshot)]
        if not looks:
            raise ContractFail("no look came of the listing")
        if looks[0].outcome is not LookOutcome.OK:
            raise ContractFail(f"the look at {looks[0].url} ended {looks[0].outcome} ({looks[0].reason})")
        if not looks[0].links:
            raise ContractFail(f"{looks[0].url} shows no report")

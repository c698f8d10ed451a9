"""An ASP.NET system: the next page of a list is requested by sending the page's form."""

from __future__ import annotations

from imitation.answers import Ask
from imitation.portals.family import Family
from imitation.records import ImitatedList


class Posted(Family):
    """Reads the page number from the form."""

    def page_number(self, column: ImitatedList, ask: Ask) -> int | None:
        """Return the number (from 0) of the requested page."""
        if ask.path != column.path:
            return None
        if not ask.form:
            return 0
        state, argument = ask.form.get("__VIEWSTATE", ""), ask.form.get("__EVENTARGUMENT", "")
        good = ask.form.get("__EVENTTARGET") == "ctl00$Pager" and state.startswith("dDw") and argument.isdigit()
        return int(argument) - 1 if good else None

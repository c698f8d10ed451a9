"""Ask an archive about the simulated year through its public questions, and compare the answers with the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from archive.exports.report_rows import duty_rows
from archive.queries.news import news
from archive.queries.overview import coverage, late, missing
from archive.queries.revisions import revisions
from archive.queries.verdict import status
from archive.queries.where import Where, choose
from benchmarks.year_portals import LAST, County
from benchmarks.year_truth import ANY, CONTENT, TrueLook, Truth, looks_of, truths
from storage.home import Home
from storage.observations import Observations

#: Columns of a duty's row that must be the same on the day and later as of that day.
_LASTING = ("status", "evidence", "reason", "days_late", "withdrawn", "first_shown", "last_absent", "declared")
Duty = tuple[str, int]


@dataclass
class YearTally:
    """Right answers counted by kind, and wrong ones in sentences. ``harm``: wrong ones that accuse somebody."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    harm: Counter[str] = field(default_factory=Counter)

    def fault(self, sentence: str, harm: str = "") -> None:
        """Record a wrong answer."""
        self.wrong.append(sentence)
        if harm:
            self.harm[harm] += 1


@dataclass(frozen=True)
class Answers:
    """The answers at one instant: the row of each duty."""

    now: datetime
    rows: Mapping[Duty, Mapping[str, object]]


class Judge:
    """Compares the answers about the same counties at several instants."""

    def __init__(self, counties: Sequence[County]) -> None:
        self.counties = counties
        self.tally = YearTally()
        self.answers: list[Answers] = []

    def ask(self, home: Home, now: datetime) -> None:
        """Ask everything now, and compare it with the truth of now."""
        looks = self._looks_by_county(home, now)
        truth = {
            (one.agency, one.year): one for county in self.counties for one in truths(county, looks[county.name], now)
        }
        rows = {(str(row["agency_id"]), int(str(row["year"]))): row for row in duty_rows(choose(home))}
        turned = self._true_statuses(looks, truth)
        changed = _reported_changes(home)
        for duty, one in truth.items():
            county = next(county for county in self.counties if duty[0].startswith(f"{county.name}/"))
            changes = changed.get(duty, set())
            self._compare_duty(f"{now:%m-%d} {_describe(county, one)}", one, rows.get(duty), changes)
        self._compare_lists(home, now, truth)
        if self.answers:
            self._compare_news(home, self.answers[-1], now, truth, turned)
        self.answers.append(Answers(now, {duty: {name: row[name] for name in _LASTING} for duty, row in rows.items()}))

    def ask_again(self, home: Home) -> None:
        """Ask again as of every earlier instant: the answers must be the same as then."""
        for then in self.answers:
            chosen = choose(home, Where(as_of=then.now))
            rows = {(str(row["agency_id"]), int(str(row["year"]))): row for row in duty_rows(chosen)}
            for duty, before in then.rows.items():
                now = {name: rows[duty][name] for name in _LASTING} if duty in rows else None
                if now == before:
                    self.tally.right["told later as on the day"] += 1
                    continue
                differs = [
                    f"{name}: {before[name]} → {now[name]}" for name in _LASTING if now and now[name] != before[name]
                ]
                self.tally.fault(f"{then.now:%m-%d} {duty}: later told otherwise: {'; '.join(differs) or 'nothing'}")

    def _looks_by_county(self, home: Home, now: datetime) -> dict[str, list[TrueLook]]:
        observations = Observations(home)
        return {
            county.name: looks_of(
                county,
                ((run.started, run.finished) for run in observations.runs(county.name) if run.finished is not None),
                now,
            )
            for county in self.counties
        }

    def _true_statuses(self, looks: Mapping[str, list[TrueLook]], truth: Mapping[Duty, Truth]) -> dict[Duty, set[str]]:
        """Return all statuses that each duty truly had since the previous comparison."""
        since = self.answers[-1].now if self.answers else None
        statuses = {duty: {one.status} for duty, one in truth.items() if len({s for s, _ in one.right}) == 1}
        for county in self.counties:
            looks_of_county = looks[county.name]
            for index, look in enumerate(looks_of_county):
                if since is not None and look.finished > since:
                    for one in truths(county, looks_of_county[: index + 1], look.finished):
                        statuses.setdefault((one.agency, one.year), set()).update(status for status, _ in one.right)
        return statuses

    def _compare_duty(self, where: str, one: Truth, row: Mapping[str, object] | None, changed: Set[str]) -> None:
        """Count what the row of one duty says right, and each fault. ``changed``: codes of changes that were told."""
        tally = self.tally
        if row is None:
            tally.fault(f"{where}: no duty")
            return
        state = (str(row["status"]), str(row["evidence"]))
        if state in one.right or (state[0], ANY) in one.right:
            tally.right[state[0]] += 1
        else:
            grave = state[0] in {"missing", "late", "not_found"} and state[0] not in {status for status, _ in one.right}
            tally.fault(
                f"{where}: {state[0]} ({state[1]}), and not {sorted(one.right)}", f"false {state[0]}" if grave else ""
            )
        days = row["days_late"]
        if one.days is not None and (not isinstance(days, int) or not one.days[0] <= days <= one.days[1]):
            tally.fault(f"{where}: {days} days late, and not {one.days}", "days late")
        elif one.days is not None:
            tally.right["days late"] += 1
        absent, first = row["last_absent"], row["first_shown"]
        if one.first_shown is not None and (
            (isinstance(absent, datetime) and first is not None and absent > one.first_shown)
            or (isinstance(first, datetime) and first < one.first_shown)
        ):
            tally.fault(f"{where}: shown {one.first_shown}, told between {absent} and {first}", "bounds")
        if bool(row["withdrawn"]) != one.withdrawn:
            tally.fault(f"{where}: withdrawn {row['withdrawn']}, and not {one.withdrawn}", "withdrawn")
        for code in one.required - changed:
            tally.fault(f"{where}: {code} was not told")
        for code in changed - one.required - one.may:
            tally.fault(
                f"{where}: {code} was told, and was not so", "false revision" if code in CONTENT else f"false {code}"
            )
        tally.right.update(one.required & changed)

    def _compare_lists(self, home: Home, now: datetime, truth: Mapping[Duty, Truth]) -> None:
        """Compare the lists of late and missing reports, the counts, and one agency's status with the truth."""
        tally = self.tally
        certain = {duty: one for duty, one in truth.items() if duty[1] == LAST and len({s for s, _ in one.right}) == 1}
        of_last = Where(years=(LAST,))
        missing_answer, late_answer, covered = missing(home, of_last), late(home, of_last), coverage(home, of_last)
        lists = {
            "missing": {line.agency.id for line in missing_answer.duties},
            "not_found": {line.agency.id for line in missing_answer.townships},
            "late": {line.agency.id for line in late_answer.duties},
        }
        for name, listed in lists.items():
            true = {agency for (agency, _), one in certain.items() if one.status == name}
            doubtful = {agency for agency, year in truth if year == LAST and (agency, year) not in certain}
            if listed - doubtful == true:
                tally.right[f"list of {name}"] += 1
            else:
                tally.fault(
                    f"{now:%m-%d} list of {name}: too many {sorted(listed - true)}, too few {sorted(true - listed)}"
                )
        counts: Counter[str] = Counter()
        for part in (covered.counts, covered.townships, covered.others):
            counts.update({str(name): number for name, number in part.by_status.items() if number})
        if len(certain) == len({duty for duty in truth if duty[1] == LAST}):
            true_counts = Counter(one.status for one in certain.values())
            if counts == true_counts:
                tally.right["coverage"] += 1
            else:
                tally.fault(f"{now:%m-%d} coverage: {dict(counts)}, and not {dict(true_counts)}")
        for county in self.counties:
            agency = f"{county.name}/d{len(self.answers) % 6}"
            verdict = status(home, agency, LAST)
            one = truth[agency, LAST]
            if verdict.duty.status.value in {state for state, _ in one.right}:
                tally.right["status"] += 1
            else:
                tally.fault(f"{now:%m-%d} status {agency}: {verdict.duty.status.value}, and not {sorted(one.right)}")

    def _compare_news(
        self, home: Home, before: Answers, now: datetime, truth: Mapping[Duty, Truth], turned: Mapping[Duty, set[str]]
    ) -> None:
        """Check that news contain what became late or missing since the last comparison, and nothing else."""
        answer = news(home, since=before.now, until=now)
        for item in answer.items:
            duty = (item.agency.id, item.year)
            if item.kind in {"late", "missing", "not_found"}:
                if item.kind in turned.get(duty, set()):
                    self.tally.right[f"news: {item.kind}"] += 1
                else:
                    self.tally.fault(f"{now:%m-%d} news: {duty} {item.kind}, and never was", f"false {item.kind}")
            elif item.kind in CONTENT and item.kind not in truth[duty].may:
                self.tally.fault(f"{now:%m-%d} news: {duty} {item.kind}, and was not so", "false revision")
        listed = {(item.agency.id, item.year, item.kind) for item in answer.items}
        for (agency, year), one in truth.items():
            if year != LAST or len({status for status, _ in one.right}) != 1:
                continue
            new = before.rows[agency, year]["status"] != one.status and (agency, year, one.status) not in listed
            if new and one.status in {"late", "missing", "not_found"}:
                self.tally.fault(f"{now:%m-%d} news: {agency} {one.status}, and no news of it")


def _reported_changes(home: Home) -> Mapping[Duty, Set[str]]:
    changes: dict[Duty, set[str]] = defaultdict(set)
    for line in revisions(home).lines:
        changes[line.agency.id, line.year].add(line.change)
    return changes


def _describe(county: County, duty: Truth) -> str:
    return f"{duty.agency}/{duty.year} ({county.portal.family}, {county.trouble}, {county.fate})"

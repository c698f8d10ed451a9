"""What is late, missing, revised, withdrawn: pure judgements over facts, each with its evidence.

``docs/status-rules.md`` tells the rules to a reader; every module here holds one of them.

* ``facts.py``      what one duty is judged from, each fact with the instant from which it was known
* ``calendar.py``   days and instants in Asia/Shanghai: when a day ends
* ``deadlines.py``  statutory, customary and local due dates (``deadlines.toml``, ``holidays.toml``)
* ``duties.py``     agencies × years → duties
* ``scopes.py``     which listings speak for a duty, why and since when
* ``suspicion.py``  which looks may be trusted: shrunken lists, printed totals, clocks, voided looks
* ``unended_lists.py``  what a list without a known end tells by the order of its entries
* ``vanished_leads.py``  which leads of a look another shows no more, and whether they are too many
* ``status_inputs.py``  the quantities in the rows of the status table, and a verdict
* ``absences.py``   when the listings in scope together prove that a report was not shown
* ``dates.py``      the declared date, what voids it, and the witnesses against it
* ``asof.py``       the facts as they were known at an instant
* ``statuses.py``   the fourteen rows: facts known at an instant → verdict
* ``sentences.py``  the words of a verdict in Chinese and English (``reasons.toml``), and of times in findings
* ``presence.py``   withdrawn and returned
* ``aftermath.py``  what became of a report's pages: gone, moved, replaced, dated back, without their attachment
* ``history.py``    a duty's verdicts over all of as-of time
* ``measures.py``   what a series can be asked for: places, sums over forms, rates (``measures.toml``)
* ``figures.py``    one report's figure for a measure, and sums over many reports with what is not known
* ``effective_edition.py``  which edition of a report counts from when to when
* ``contradictions.py``  codes and thresholds of what ``nianbao check`` tells; ``jumps.py`` and ``copied.py``
  what they rest on; ``passages.py`` texts in pieces that can be held against each other
* ``editions.py``   captures of a report in time order → editions, silent and announced revisions
"""

"""What is late, missing, revised, withdrawn: pure judgements over facts, each with its evidence.

``docs/status-rules.md`` tells the rules to a reader; every module here holds one of them.

* ``facts.py``      what one duty is judged from, each fact with the instant from which it was known; as of a time
* ``calendar.py``   days and instants in Asia/Shanghai: when a day ends
* ``deadlines.py``  agencies × years → duties; statutory, customary and local due dates (``deadlines.toml``)
* ``scopes.py``     which listings speak for a duty, why and since when; listings of one year, and replaced ones
* ``absences.py``   when the listings in scope together prove that a report was not shown; withdrawn and returned
* ``statuses.py``   the fourteen rows: facts known at an instant → verdict; the declared date and what voids it
* ``history.py``    a duty's verdicts over all of as-of time
* ``sentences.py``  the words of a verdict in Chinese and English (``reasons.toml``), and of times in findings
* ``measures.py``   what a series can be asked for: places, sums over forms, rates (``measures.toml``)
* ``figures.py``    one report's figure for a measure, and sums over many reports with what is not known
* ``rollup.py``     a government's figure against the sum of its bodies' figures, and in words
* ``bodies_stated.py``  how many bodies a report says have published, against the registry
* ``contradictions.py``  figures of two years, with the codes and thresholds of ``nianbao check``;
  ``passages.py`` texts in pieces that can be held against each other
* ``registry.py``   bodies and their successors, the sources that attest them, contradictions among their rows
"""

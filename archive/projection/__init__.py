"""What is stale → work → rows: projections of the truth, made in worker processes and swapped in whole.

``update.py``     the two doors: ``update(home)`` does what is stale, ``rebuild(home)`` makes everything again aside
``truth.py``      everything observed or ruled about one portal, loaded once
``stale.py``      portals whose truth or judging code changed since their projections were made
``unread.py``     documents that today's reader has not read, and reading them
``workers.py``    a pool of child processes with limits; a crash costs one document
``child.py``      the child: one document after the other, each under its limits
``confinement.py``  what the child gives up before it loads what opens documents
``leads.py``      links of looks → leads; which looks are suspect
``visits.py``     captures of reports and their attachments, tied to the address they were asked for under
``binding.py``    visits → bound reports: whose, which year, or none; parts belong to the page's report
``substitute_pages.py``  whether a page that is no report answers for the one that was to stand there
``witnesses.py``  dates about a report: declared, URL, object ids, Last-Modified; which are shared by many
``sightings.py``  what looks and visits showed of each report; leads that are still open
``look_trust.py``  what each look is worth; which listings speak for a duty
``dates.py``      the dates of one report
``findings.py``   findings that only show where documents, visits and editions meet
``cross_year_checks.py``  two years of one agency's reports held against the form's links
``contradicting.py``  what in editions contradicts itself, another year or, by its fingerprint, another agency
``facts.py``      all of it → ``DutyFacts`` for each duty
``answers.py``    visits → what each answer at a report's addresses said of it
``versions.py``   bound visits → versions of a report → its editions
``searching.py``  editions → what is searched of them, persons masked
``stored_readings.py``  stored readings, their cells unpacked only when asked for
``duty_timeline.py``  how each duty stood at any time, with the edition that counted
``ruling_periods.py``  what was judged before each ruling on a link or a document
``linked_folders.py``  folders that a list led to, and when it did not
``comparing.py``  what another reading of everything would change, before it is swapped in
``judge.py``      one portal's truth and readings → all its rows (pure; the same for update and rebuild)
"""

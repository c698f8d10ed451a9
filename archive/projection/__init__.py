"""What is stale → work → rows: projections of the truth, made in worker processes and swapped in whole.

``update.py``     the two doors: ``update(home)`` does what is stale, ``rebuild(home)`` makes everything again aside
``truth.py``      everything observed or ruled about one portal, loaded once
``stale.py``      portals whose truth or judging code changed since their projections were made
``unread.py``     documents that today's reader has not read, and reading them
``workers.py``    a pool of child processes with limits; a crash costs one document
``child.py``      the child: one document after the other, each under its limits
``confinement.py``  what the child gives up before it loads what opens documents
``judge.py``      one portal's truth and readings → all its rows (pure; the same for update and rebuild)
``portal_facts.py``  everything judged of one portal, in the order of the steps below, and the facts on each duty
``visits.py``     captures of reports and their attachments, tied to the address they were asked for under
``leads.py``      links of looks → leads, and what they led to
``binding.py``    visits → bound reports: whose, which year, or none; parts belong to the page's report
``linked_folders.py``  folders that a list led to, and when it did not
``look_trust.py``  what each look is worth: shrunken lists, printed totals, lists without a known end
``sightings.py``  what looks and visits showed of each report; leads that are still open
``editions.py``   bound visits of a report in time order → editions, silent and announced revisions
``dates.py``      dates of a report: declared, and witnesses; which are shared by many
``page_answers.py``  visits → what each answer at a report's addresses said of it, and what became of its pages
``duty_timeline.py``  how each duty stood at any time, with the edition that counted
``findings.py``   what in editions contradicts itself, another year, the registry or another agency's report
``searching.py``  editions → what is searched of them, persons masked
``unregistered_bodies.py``  bodies that nothing but links names, and those that their own reports name
"""

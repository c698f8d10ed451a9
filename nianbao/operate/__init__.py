"""Web pages for operators; loaded only if ``nianbao serve`` is told to offer them.

``application.py``  the application, mounted at ``/operate``
``sessions.py``     sessions in memory, and the limit on wrong tokens
``visits.py``       what all pages share: ``@page`` and ``@change``, login, the check of sessions and forms
``templates/``      one file for each page
``jobs.py``         child processes for long work: probe, crawl, read, back up, seal, verify; limited in number
``child.py``        the code of these child processes, except crawls
``runs.py``         pages: present and past crawls, jobs; backup and seals of the archive
``portals.py``      pages: the condition of each portal, its problems and its next crawl; crawl now, pause, resume
``adding.py``       pages: probe an address, correct the result, add it as a portal
``review.py``       pages: open doubts, and rulings

The functions that decide and write are those of the commands: ``crawler.operations``, ``crawler.onboarding``,
``nianbao.rulings``. Every change is a form with the CSRF token of its session; all pages work without scripts.
"""

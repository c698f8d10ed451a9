"""Visits: fetching reports, with all that belongs to their pages.

* ``report_files.py``  which files of a report's page are asked for, and the page itself where scripts make it
* ``report_parts.py``  attachments, embedded documents and pictures that a report's page names (pure)
"""

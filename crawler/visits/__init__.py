"""Visits: fetching reports, with all that belongs to their pages.

* ``report_visits.py``  which reports are due, and fetching them
* ``report_parts.py``   attachments, embedded documents and pictures of a report page (pure)
* ``file_names.py``     the name under which a server sends a file (pure)
"""

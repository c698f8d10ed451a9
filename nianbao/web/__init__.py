"""The web pages of one archive: rendered on the server, without scripts, in Chinese and English.

A page is a function that returns values and a template that shows them; ``@page`` of ``serving.py`` connects both with
an address. To add a page, write both, and add it to ``menu.toml`` if the menu should show it.

``overview.py``        the start page: heat map of places and years, missing reports, news; feeds
``figure_pages.py``    figures over the years, pictures to download, a page for other sites to embed
``question_pages.py``  a list with filters, downloads and a lasting link; a government's sums
``report_pages.py``    the status of a report, a report, a difference, a figure and its place in the source
``portals.py``         a portal, and so a county (its agencies by years, lists, crawls), and an agency (its reports by
                       year, figures, revisions, contradictions, lists and names)
``evidence.py``        evidence to save: a status, a figure or a difference as a page; captures as a WACZ
``captures.py``        single captures, also by address and time, as Memento (RFC 7089) defines
``pages.py``           method, data, static files

These modules compute what pages show: ``heat_map.py``, ``time_line.py``, ``figure_charts.py``,
``figure_picture.py`` (charts as one picture), ``list_tables.py`` (cells, links, order of lines).

These show hostile content of portals, in child processes of ``confined_work.py``: ``archived.py`` (a captured page, a
table around a cell, a page of a PDF or scan as a picture).
"""

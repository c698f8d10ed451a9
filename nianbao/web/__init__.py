"""The pages of one archive: server-rendered, without scripts, in Chinese and English.

A page is one function that gives what its template shows, and one template; ``@page`` of ``serving.py`` joins them with
their address. To add one: write both, and say its menu entry in ``serving.py`` if it has one.

``overview.py``        home: the missing by name, what changed last, places by years, the feed
``figure_pages.py``    figures over the years, their picture to download, the page that others embed
``question_pages.py``  a list with its filters, downloads and lasting link; bodies side by side; a government's sums
``report_pages.py``    a report owed, a report, a difference, a figure and its place in the source
``agency_pages.py``    an agency: its reports by year, figures, changes, contradictions, lists and names
``portals.py``         a portal, which is that of a county: its agencies by years, lists and crawls
``evidence.py``        evidence to send: a status or a figure as a page (``standalone_pages.py``), captures as a WACZ
``captures.py``        single captures; ``mementos.py`` by address and time, as Memento (RFC 7089) asks
``pages.py``           method, data, the files of the pages

What is shown of an answer (pure): ``heat_map.py``, ``form_layout.py``, ``time_line.py``, ``figure_charts.py``,
``figure_picture.py`` (charts as one picture), ``list_tables.py`` (cells, links, sorted by a column), ``forms.py`` (the
fields in which a question is asked).

What was captured, made harmless: ``archived.py`` a page, or the part of it around a cell,
``page_picture.py`` a page of a PDF or a scan, all in a process that ``confined_work.py`` begins. ``downloads.py`` sends
bodies of captures piece by piece.
"""

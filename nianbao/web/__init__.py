"""The pages of one archive: server-rendered, without scripts, in Chinese and English.

Routes, each of which asks questions and shows the answer:
``overview.py``  places by years, what is new, the feed
``lists.py``     a list with its filters, downloads and lasting link; search; series
``duties.py``    a report owed, a report, a difference, a figure and its place in the source
``figures.py``   bodies side by side, a government against its bodies
``portals.py``   a portal: its bodies, lists and crawls
``captures.py``  single captures
``pages.py``     method, data, the files of the pages

What is shown of an answer (pure): ``heat_map.py``, ``form_layout.py``, ``time_line.py``, ``plot.py``, ``views.py``
(cells of tables), ``forms.py`` (the fields in which a question is asked).

What was captured, made harmless: ``archived.py`` a page, ``table_excerpt.py`` what stands around a cell,
``page_picture.py`` a page of a PDF or a scan.
``downloads.py`` sends bodies of captures piece by piece.

``serving.py``   what every page needs; ``templates/``; ``static/``
"""

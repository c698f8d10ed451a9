"""The list engine that takes the place of lists, looks, cms, rendering, discovery and visits (decision 0016).

``page`` is the model of a page; ``page_reader`` makes it of answers, with ``html_tree``, ``html_entries``,
``html_controls`` and, for what it says about size, ``claims``. ``engine`` decides whether a list is complete,
``next_pages`` and ``idioms`` what leads on, ``browser`` presses controls (in ``browser_process``, held by
``browser_limits``, by ``browser_messages``), ``lists`` reads a list by these means.
``walk`` finds the lists of a portal by ``labels``; ``site_search`` asks its own search; ``twins`` compares lists;
``addressed`` asks for reports that no list shows; ``crawling`` lets a crawl send what is
asked for; ``looks`` makes looks of what was read; ``report_browser`` shows reports that scripts make; ``evidence``
keeps what a browser showed.
"""

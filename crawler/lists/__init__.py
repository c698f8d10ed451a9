"""The list engine: from a portal's home page to its lists of reports, each read whole or told (decision 0016).

What a page shows (pure):

* ``page.py``          the model: requests, answers, entries, controls;  ``claims.py`` what states a size
* ``page_reader.py``   makes it of an answer, with ``html_tree.py``, ``html_entries.py`` and ``html_controls.py``
* ``words.py``         words and marks by which pages are understood: ``words.toml``
* ``engine.py``        the conditions under which a list is whole;  ``twins.py`` compares lists with each other
* ``idioms.py``        what leads on: links, and the addresses and requests of content systems: ``idioms.toml``

Reading:

* ``list_reader.py``   reads a list by links, by interfaces, in a browser
* ``walk.py``          finds the lists of a portal by ``labels.py``;  ``site_search.py`` finds its own search
* ``addressed.py``     what stands at an address of an agency and a year
* ``browser.py``       presses controls, in a process of its own: ``browser_process.py``, which asks the page by
                       ``browser_page.js``, and ``browser_limits.py``

In a crawl:

* ``crawling.py``      the engine and its browser in a thread, their requests sent by Scrapy
* ``looks.py``         a look at each list
* ``addressed_looks.py``  a look at each address of an agency and a year
* ``source.py``        the portal that looks are of, and which of their links are visited
* ``stored_lists.py``  how a look ended, in the words that are stored, and entries as links
* ``shown_pages.py``   keeps what a browser showed, and shows it the pages of reports that scripts make
"""

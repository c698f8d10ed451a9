"""The list engine: finds a portal's lists of reports, and reads each whole or says why not (decision 0016).
A *column* is a 栏目 of a site, a *control* what can be pressed on a page.

What a page shows (pure):

* ``page.py``          the model: requests, answers, entries, controls, claims about the size of a list
* ``page_reader.py``   reads an answer and its claims, with ``html_tree.py``, ``html_entries.py``, ``html_controls.py``
* ``words.py``         words and patterns by which pages and labels of links are understood: ``words.toml``
* ``engine.py``        the rules by which a list is complete;  ``twins.py`` compares lists with each other
* ``idioms.py``        finds the next page: links, and the requests of content systems: ``idioms.toml``

Reading:

* ``list_reader.py``   reads a list by links, by interfaces, in a browser
* ``walk.py``          finds the lists of a portal by the labels of links
* ``browser.py``       opens pages and presses controls, in a process of its own: ``browser_process.py``, with
                       ``browser_page.js`` in the page, and ``browser_limits.py``

In a crawl:

* ``crawling.py``      the engine and its browser in a thread, their requests sent by Scrapy; stores what a browser
                       showed, and opens the pages of reports that scripts make
* ``looks.py``         a look at each list; judges its links, and chooses which to visit
* ``addressed.py``     judges the page at an address of an agency and a year, and makes a look of it
* ``stored_lists.py``  translates a list to the outcome, reason and links of a look
"""

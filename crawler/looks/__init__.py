"""Looks: reading the listings of a portal, each to its end.

* ``crawl_context.py``  one crawl's connection with the archive; ``flow.py`` looks first, then visits
* ``columns.py``        reads columns page by page; ``addressed.py`` asks addresses of agency and year
* ``look_builder.py``   a look while it is made, and its end; ``list_judging.py`` how the look at a column ends
* ``sibling_lists.py``  what lists of other years show of where a list ends (pure)
* ``list_filters.py``   which links of a list are choices of the same list
* ``entrances.py``      the walk to columns that are not known yet; ``page_reading.py`` a page as its class reads it
* ``relook.py``         takes the links out of stored list pages again; fetches nothing
"""

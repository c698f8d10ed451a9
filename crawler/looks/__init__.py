"""Looks: reading the listings of a portal, each to its end.

* ``columns.py``         the columns of a portal, each looked at once: declared, found earlier, found on the way
* ``listing_reader.py``  reads one listing page by page, until it says, or shows, that it ends
* ``addressed.py``       asks addresses of agency and year; ``entrances.py`` walks to columns that are not known yet
* ``former_links.py``   reports that only former looks showed, and that nobody has asked for
* ``source.py``          where a look gets its pages: the live portal, or pages that are held
* ``look_builder.py``    a look while it is made, and its end as an item
* ``pagination_state.py``  the pages of a listing as they came, and how its look ends
* ``page_reading.py``    a page as the spider's class reads it
* ``sibling_lists.py``   what lists of other years show of where a list ends (pure)
* ``narrowed_lists.py``  which links lead to the same list, held to a body or a year
"""

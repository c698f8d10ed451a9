"""Looks: attempts to read the listings of a portal, as items of the crawl.

* ``look_builder.py``   a look while it is made, its end as an item, and which of its links are worth a visit
* ``source.py``         the portal that is looked at
* ``addressed.py``      asks addresses of agency and year;  ``entrances.py`` when a portal is walked anew
* ``former_links.py``   reports that only former looks showed, and that nobody has asked for
* ``labels.py``         what the label of a column says of the reports behind it (pure)
"""

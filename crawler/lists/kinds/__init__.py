"""What a page is: a column, a document in place of a list, a hub, an empty list, a shell of scripts (pure).

* ``page_kinds.py``  what a page calls itself: a column of reports, or a notice
* ``emptiness.py``   a page without an item: empty, made by scripts, or no list; places that scripts are yet to fill
* ``site_code.py``   which site it says it belongs to: 网站标识码, SiteName
"""

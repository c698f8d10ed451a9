"""The entries of a list page: links with title, date and row, and what stands over them (pure).

* ``items.py``       a list page → its items;  ``cards.py``  links that hold more than a title, days printed in pieces
* ``headings.py``    what stands over an item whose own text leaves out whose report it is, or of which year
* ``publishers.py``  the column of a table that says who publishes
* ``unlinked.py``    entries that are printed without a link
* ``divided.py``     lists that a page divides by its own headings, tables of bodies by years
* ``previews.py``    pages that show the newest entries of lists which stand at other addresses
"""

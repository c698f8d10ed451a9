"""A page of a list → its entries, its next pages, and what it says of the list's size. All of it is pure.

* ``list_page.py``   a stored page of a listing, and what is read of it
* ``entries/``       the entries: links with title, date and row; whose an entry is, of which year
* ``paging/``        where a list goes on: pager links, pagers that scripts write, forms, requests
* ``filters/``       choices that show other parts of a list: years, bodies, groups, further columns
* ``scripts/``       values and requests that stand in a page's scripts; answers of interfaces
* ``kinds/``         what a page is: a column, a document, a hub, empty, made by scripts
* ``addresses.py`` ``labels.py`` ``list_template.py``  addresses and labels of links; what pages of one template share
"""

"""A page of a list → its entries, its next pages, and what it says of the list's size. All of it is pure.

* ``list_page.py``   a stored page of a listing, and what is read of it
* ``entries/``       the entries: links with title, date and row; whose an entry is, of which year
* ``paging/``        where a list goes on: links, pagers that scripts write, forms, requests, signs that there is more
* ``frames.py``      pages shown inside a page
* ``filters/``       choices that show other parts of a list: years, bodies, groups, further columns
* ``scripts/``       requests that stand in a page's scripts; answers of interfaces
* ``kinds/``         what a page is: a column, a document, a hub, empty, made by scripts
* ``completeness.py``  whether a list was read to its end: each claim of its size, from all that was received, is met
* ``reasons.py``      why a look is one in part: reasons that several modules know, and kinds of them
* ``size_claims.py``  what pagers and answers say of a list's size;  ``pager_idioms.toml`` ``pager_idioms.py``  how
* ``articles.py``    a document in place of a list;  ``outlines.py``  a list without entries beside a filled one
* ``addresses.py`` ``labels.py`` ``controls.py``  addresses and labels of links; buttons and fields
* ``script_values.py``  what expressions and calls in a page's scripts come to
* ``list_requests.py``  the requests by which a list goes on, where an address alone does not say them
* ``signatures.py``  the marks of content systems (``cms/signatures.toml``)
* ``page_words.toml`` ``page_words.py``  words by which pages say what they are;  ``page_text.py``  their visible text
* ``list_template.py`` ``entry_patterns.py``  what pages of one template share; an entry's row, date and words
"""

"""Where a list goes on (pure). ``next_pages.py`` is the way in: it asks the others.

* ``next_pages.py``     the next pages of a list, or a doubt that there are some
* ``pagers.py``         buttons of a pager by what they say, the links behind them; totals that are printed
* ``script_pagers.py``  addresses of further pages that scripts compute (``createPageHTML``, ``countPage``)
* ``stated_pagers.py``  how many pages and entries a script or an answer states (``lists/pager_idioms.toml``)
* ``posted_pages.py``   pages that are turned by sending a form
* ``signs_of_more.py``  signs that there is more, though no address leads there
"""

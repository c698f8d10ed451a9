"""Choices on a page that show other parts of a list: years, bodies, groups, further columns (pure).

* ``subcolumns.py``    the further lists of reports that a page leads to
* ``list_choices.py``  choices of a ``<select>`` that lead to further lists
* ``year_choices.py``  years that a page offers;  ``year_bars.py``  bars of years that lead to the page itself
* ``posted_years.py``  years that a form asks for;  ``year_fields.py``  fields that hold a list to one year
* ``group_tabs.py``    tabs of groups of bodies that a script serves;  ``body_menus.py``  such menus of bodies
"""

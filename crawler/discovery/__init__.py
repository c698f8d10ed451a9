"""From an entry page to the columns of annual reports (pure: what fetches is given).

* ``discovery.toml``  the words, rules and limits; ``knowledge.py`` reads it
* ``pointers.py``     a page → where it points, with what it says of each place
* ``labels.py``       what a label says: whose reports stand behind it, of which kinds of bodies, of which year
* ``ranking.py``      how well a pointer leads to a column
* ``same_addresses.py``  addresses and pages that are the same but for what does not count; addresses that only grow
* ``walk.py``         the bounded walk, best pointer first; ``found.py`` what it is given and what it brings
* ``organs.py``       reports addressed by organ and year: the address with its gaps, the organs' codes
"""

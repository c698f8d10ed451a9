"""The reader written anew: it grows here until it meets its contract, then it takes the place of the old rooms.

``documents``: bytes → Document. ``forms``: the national forms as data. ``parser``: Document → cells and findings.
``identity``: whose report it is, and for which year.
"""

"""An archive whose programs are killed at any moment, or whose disk is full: what must hold afterwards.

``points/``    loaded by Python itself in the processes under test: they count, or die at, a named point
``killing.py`` a command of ours in a session of its own, killed: the whole group, the command, or the crawl's process
``holds.py``   what must hold after a kill, and after the work was taken up again
``rounds.py``  two small portals on loopback, and kinds of rounds, each drawn from a seed: crawl, crawl mending, read,
               rebuild, migrate
"""

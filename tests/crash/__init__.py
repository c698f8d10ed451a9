"""An archive whose programs are killed at any moment, or whose disk is full: what must hold afterwards.

``points/``    loaded by Python itself in the processes under test: they count, or die at, a named point
``small.py``   two small portals on loopback and archives in the states from which a round begins
``killing.py`` a command of ours in a session of its own, killed: the whole group, the command, or the crawl's process
``holds.py``   what must hold after a kill, and after the work was taken up again
``rounds.py``  kinds of rounds: crawl, crawl mending, read, rebuild, migrate; each drawn from a seed
"""

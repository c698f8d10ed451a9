"""What is stale → work → rows: projections of the truth, made in worker processes and swapped in whole.

``update`` is the door: ``update(home)`` does what is stale, ``rebuild(home)`` makes everything again aside. It reads
what is unread (``unread`` · ``workers`` · ``child`` · ``confinement``) and judges what is ``stale``, portal by portal:

``truth`` → ``judge`` → ``portal_facts``, step by step: ``leads`` · ``visits`` · ``binding`` · ``sightings`` ·
``linked_folders`` · ``look_trust`` · ``editions`` · ``dates`` · ``page_answers`` · ``unregistered_bodies``; and from
what these give, further rows: ``findings`` · ``duty_timeline`` · ``searching``.
"""

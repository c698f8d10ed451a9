"""Read documents and judge portals: everything that is derived from the truth, stored as rows of the projections.

Begin with ``update``: ``update(home)`` does what is stale, ``rebuild(home)`` makes everything again aside and swaps it
in. It reads new documents in worker processes (``unread`` · ``workers`` · ``child`` · ``confinement``) and judges every
portal that is ``stale``: ``truth`` → ``judge`` → ``portal_facts``, which goes through ``leads`` · ``binding`` ·
``sightings`` · ``linked_folders`` · ``look_trust`` · ``editions`` · ``dates`` · ``page_answers`` ·
``unregistered_agencies``. From their results come further rows: ``findings`` · ``searching``.
"""

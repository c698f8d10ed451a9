"""Whose report is this, for which year, of which kind: pure functions over titles, addresses and printed evidence.

* ``text``: one normal form for every printed string (bounded first, blanks and zero-width characters out, NFKC).
* ``years``: years and dates in titles; the reporting year against the year of publication.
* ``divisions``: provinces, cities, counties, townships in names and places (by their suffixes, no gazetteer).
* ``names`` (``names.toml``): agency names: completing, short forms, comparing, finding them in the registry.
* ``titles`` (``titles.toml``): what is the title of a report and what is not, and why not.
* ``addresses``: what a URL says: official host, report year, organ code, page or folder.
* ``classify``: title + URL + context → :class:`~archive.identity.classify.Classification`.
* ``leads``: a link on a listing → :class:`storage.records.Lead`.
* ``evidence``: what a document says of itself → agency, place, year, kind, with basis and findings.
* ``binding``: reading + lead + listing + registry + rulings → :class:`storage.records.Binding`.
* ``notes``: the findings this room makes, in Chinese and English.
"""

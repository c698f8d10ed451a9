"""Seals: what the truth was on a day, so that any later change of it shows.

- ``contents``: what is sealed, one line per row of the truth and one per WARC file
- ``manifest``: one seal, the file it is written to, and the chain they form
- ``making``: the next seal of an archive, and which were made, as the database says
- ``verifying``: the chain against what the archive holds today
- ``stamps``: RFC 3161 time-stamps, as bytes (pure)

``docs/trust.md`` says what a seal proves and what not.
"""

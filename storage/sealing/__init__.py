"""Seals: digests of the truth as it was on a day, so that any later change of it can be detected.

- ``contents``: what is sealed: one line per row of the truth, and each WARC file
- ``manifest``: one seal as a file, and the chain that seals form
- ``making``: makes the next seal of an archive; which seals were made, according to the database
- ``verifying``: compares the chain with what the archive contains today
- ``stamps``: RFC 3161 time-stamps, as bytes (pure)

``docs/trust.md`` explains what a seal proves and what it does not.
"""

"""Whose report is this, for which year, of which kind: pure functions over titles, addresses and printed evidence.

* ``text``: the normal form of printed strings; words and patterns from the TOML files of this package.
* ``years``: finds years and dates in titles.
* ``divisions``: divisions and their codes (GB/T 2260) since 2008, and their successors; finds divisions in names.
* ``names``: completes agency names from a place; recognises groups (各部门) and inner offices, which are no agencies.
* ``matching``: compares names, and looks them up in a registry.
* ``titles``: decides whether a title is a report's, and if not, why.
* ``addresses``: reads facts from a URL; brings the addresses of one page into one spelling.
* ``classification``: title + URL + column + place → Lead, by a table of shapes; also for a link on a listing.
* ``evidence``: each part of a document gives an IdentityClaim; claims, in order of trust → agency, year, findings.
* ``agency_csv``: reads, writes and compares lists of agencies.
* ``several_reports``: recognises joint names, and pages and lists with the reports of several agencies.
* ``binding``: these claims, with lead, listing, address, registry and rulings → Binding.
"""

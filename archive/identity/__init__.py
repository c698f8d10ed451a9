"""Whose report is this, for which year, of which kind: pure functions over titles, addresses and printed evidence.

* ``text``: one normal form for every printed string; the words and patterns that this room knows, from its TOML files.
* ``years``: years and dates as they are printed.
* ``divisions``: divisions and their codes (GB/T 2260) since 2008, what became of each; divisions in names and places.
* ``names``: agency names completed from a place; groups of bodies (各部门) and inner offices, which are nobody's name.
* ``matching``: names compared, found in a registry, or only similar.
* ``titles``: what is the title of a report; why others are not.
* ``addresses``: what a URL says; addresses of one page made alike.
* ``classification``: title + URL + column + place → Lead, by a table of shapes; the same of a link on a listing.
* ``evidence``: each part of a document makes an IdentityClaim, in order of trust; claims → whose, which year, findings.
* ``agency_csv``: lists of agencies as portals and operators keep them: read, written, compared.
* ``several_reports``: joint names of bodies; pages and lists that hold the reports of several.
* ``binding``: the same claims, with what lead, listing, address and registry say, and rulings → Binding.
"""

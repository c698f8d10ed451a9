"""Whose report is this, for which year, of which kind: pure functions over titles, addresses and printed evidence.

* ``text``: one normal form for every printed string (bounded first, blanks and zero-width characters out, NFKC).
* ``years``: years and dates in titles; the reporting year against the year of publication.
* ``divisions``: provinces, cities, counties, townships in names and places (by their suffixes, no gazetteer).
* ``division_codes`` (``division_codes.csv``): codes of divisions (GB/T 2260) since 2008, and what became of each.
* ``naming`` (``names.toml``): agency names put in order: completing, short forms, comparing.
* ``central`` (``central.toml``): bodies of the centre, whole without a place, and the places that their branches name.
* ``groups`` (``groups.toml``): how groups of bodies are called, the one list of such words.
* ``names``: the same for other rooms, and finding a name in the registry.
* ``titles`` (with ``wording``, ``title_parts``, ``titles.toml``): what is the title of a report; why others are not.
* ``addresses``: what a URL says: official host, report year, organ code, page or folder.
* ``url_normal_form``: addresses of one page, made alike.
* ``routes``: what tells apart the pages of a site of one script.
* ``address_traces``: whether a page can link an address at all.
* ``classify``: title + URL + context → :class:`~archive.identity.classify.Classification`.
* ``leads``: a link on a listing → :class:`storage.records.Lead`.
* ``evidence``: what a document says of itself → agency, place, year, kind, with basis and findings; ``printed_body``:
  which body it prints where that does not tell whose report it is.
* ``branches``: the district that a branch of a city's body names.
* ``agency_resolution``: which agency of the registry that is, with the column, the address and the portal.
* ``binding``: reading + lead + listing + registry + rulings → :class:`storage.records.Binding`.
* ``agency_csv``: lists of agencies as portals and operators write them.
* ``agency_rows``: agencies as rows of such a list; ``agency_changes``: a list compared with a registry.
* ``short_names``, ``similar_names``, ``fuzzy_lookup``: everyday names; names so alike that they may be one body's;
  names like what a person typed.
* ``division_lists``, ``division_history``, ``misprinted_places``: places in the lists of divisions; codes that an area
  had; places that differ by a character from a listed one.
* ``authors``, ``inner_offices``, ``self_named``: bodies of a joint report; the body of an inner office; bodies that
  nothing but their own reports name.
* ``attached_reports``: reports of several bodies or years in the files of a page; ``periods``: titles of a quarter.
* ``bodies_by_link_only``, ``unlinked_entries``, ``listing_ends``: bodies that only links name; entries without a link;
  listings that a person ruled to have ended.
* ``garbled_titles``: a name whose place lost or garbled a character, by what opening and signature say.
"""

"""The questions, asked of the stored projections; each gives one frozen record that CLI, API and export share.

``results.py``    what the answers look like; every one has ``to_dict()``
``where.py``      which agencies are asked about: place, division, portal, kind; nearest names for unknown input
``overview.py``   coverage, missing, late
``bounds.py``     how much can be asked at once: years, names, words, lists of values
``verdict.py``    status of one duty as of a time, its history and its evidence
``reports.py``    show and diff: a report's cells in the order of its form; two editions side by side
``figures.py``    figures by body and year; ``figures_rows.py`` the statement under it, ``figures_bodies.py`` which body
                  an agency is, ``figures_sums.py`` sums, ranks, two years; ``figured.py`` what these look like
``check.py``      what contradicts in reports; ``check_rows.py`` what is stored of it, ``twins.py`` whose report is
                  another's too, ``checked.py`` the answer
``exports.py``    every duty and every lead as rows, portal after portal; ``exports_held.py`` editions and where they
                  come from; ``exports_cells.py``, ``_figures.py``, ``_changes.py``, ``_gaps.py`` the other tables
``frames.py``     answers as pandas or polars frames; ``lines.py`` answers that are nothing but a list
``keeping.py``    portals, runs, documents that were no report
``review.py``     what is doubtful, each with the ruling that would decide it
``citing.py``     addresses of editions and cells that stay, and what they mean
``search.py``     words in texts and titles: ``search_query.py`` what was typed, ``search_snippets.py`` the text around
                  hits, ``search_results.py`` what the answer looks like
``words.py``        years, instants, kinds and grades as people write them
``outgoing.py``     how text from outside goes out: persons masked, titles of what is withheld hidden
``withholding.py``  which reports and documents rulings withhold
``in_text.py``    figures that the text alone states, for those that no table gives
``hidden.py``     what of a portal is not given out for that: captures, titles, pages that name it
``masking.py``    people's mobile numbers and applicants' names do not go out (``archive/parser/masking.py``)
"""

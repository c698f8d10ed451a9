"""The questions, asked of the stored projections; each gives one frozen record that CLI, API and export share.

``results.py``    what the answers look like; every one has ``to_dict()``
``where.py``      which agencies are asked about: place, division, portal, kind; nearest names for unknown input
``overview.py``   coverage, missing, late
``verdict.py``    status of one duty as of a time, its history and its evidence
``reports.py``    show and diff: a report's cells in the order of its form; two editions side by side
``figures.py``    figures by body and year; ``figures_rows.py`` the statement under it, ``figures_bodies.py`` which body
                  an agency is, ``figures_sums.py`` sums, ranks, two years; ``figured.py`` what these look like
``exports.py``    every duty and every lead as rows, portal after portal
``keeping.py``    portals, runs, documents that were no report
``review.py``     what is doubtful, each with the ruling that would decide it
``citing.py``     addresses of editions and cells that stay, and what they mean
``withholding.py``  which reports and documents rulings withhold
``hidden.py``     what of a portal is not given out for that: captures, titles, pages that name it
``masking.py``    people's mobile numbers and applicants' names do not go out (words in ``masking.toml``)
"""

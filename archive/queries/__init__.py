"""Answers to questions about the stored projections; each is a frozen record that CLI, API and exports share.

For all questions

``frames.py``              ``Result``, what each record of an answer is: ``to_dict()``, ``to_pandas()``, ``to_polars()``
``results.py``             records that several answers contain: duties, captures, looks, editions, reports
``where.py``               finds the agencies, years and time asked about; ``selection.py`` holds them
``bounds.py``              options and limits of questions, and the errors that they raise
``words.py``               words for codes; years, times and kinds as people write them
``stored.py``              rows of the projections that several questions need
``coverage_of_answer.py``  how much is known of what was asked, so that an empty answer says if it is empty or unknown
``evidence.py``            captures, looks and editions as evidence; the captures that prove the reports of a year

Duties and reports

``overview.py``            coverage, totals, missing, late, made from ``duty_rows.py`` and ``tallies.py``; portals,
                           runs, documents that are no report
``verdict.py``             status of one duty as of a time, its history and its evidence
``reports.py``             show and diff; ``text_differences.py`` compares paragraphs
``citing.py``              permanent addresses of editions and cells; the works that cite a report
``find.py``                what a few words may mean, also in Latin letters
``search.py``              full-text search in texts and titles
``revisions.py``           what changed after it was published; ``news.py`` what is new in a period
``check.py``               contradictions in reports; ``duplicate_reports.py`` reports that equal another agency's

Figures

``figures.py``             by agency and year; ``figures_rows.py`` runs the query, ``agency_divisions.py`` finds
                           divisions of agencies, ``figures_sums.py`` makes sums, ranks, comparisons of years
``figure_answers.py``      the indicators, and the records of answers
``rollup.py``              a government's report against the sum of its agencies' reports; ``scores.py`` scores

The archive itself

``registry.py``            one agency, rules on due dates, doubtful rows
``look_answers.py``        what looks showed, scopes of listings, listings that are gone, doubted looks
``freshness.py``           when the lists of each place were last read to their end; how many agencies' reports each
                           portal shows, and how many are expected
``one_capture.py``         one capture with its record; the pages of a list in a look
``review.py``              doubts, each with the ruling that would decide it (``review.toml``)

What may be given out

``withholding.py``         which reports and documents rulings withhold; removes titles, addresses, persons from texts
``withheld_content.py``    which captures, titles and pages are therefore not given out
"""

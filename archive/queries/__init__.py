"""The questions, asked of the stored projections; each gives one frozen record that CLI, API and export share.

What every question needs

``frames.py``              what every record of an answer can do: ``to_dict()``, ``to_pandas()``, ``to_polars()``
``results.py``             records that several answers hold: duties, captures, looks, editions, reports
``where.py``               which agencies, years and instant are asked about; ``selection.py`` those of a question
``bounds.py``              what can be chosen, how much asked at once, and the errors of what cannot be asked
``words.py``               years, instants and kinds as people write them
``stored.py``              rows of the projections that several questions need
``coverage_of_answer.py``  how much is known of what was asked, so that an empty answer says whether it is empty
``evidence.py``            captures, looks and editions as evidence; the captures that prove the reports of a year

Duties and reports

``overview.py``            coverage, totals, missing, late; ``duty_rows.py`` and ``tallies.py`` what they are made of;
                           portals, runs, documents that were no report
``verdict.py``             status of one duty as of a time, its history and its evidence
``reports.py``             show and diff; ``text_differences.py`` paragraphs side by side
``citing.py``              addresses of editions and cells that stay, and what they mean
``find.py``                what a few words may mean; ``named_things.py`` what bears a name, also in Latin letters
``search.py``              words in texts and titles
``revisions.py``           what changed after it was published; ``news.py`` what is new in a period
``check.py``               what contradicts in reports; ``duplicate_reports.py`` whose report is another's too

Figures

``figures.py``             by body and year; ``figures_rows.py`` the statement under it, ``figures_bodies.py`` which
                           body an agency is, ``figures_sums.py`` sums, ranks, two years
``figure_answers.py``      what can be asked for, and the answers
``rollup.py``              a government's report against the sum of its bodies'; ``scores.py`` component measures

The archive itself

``registry.py``            one body, rules on due dates, doubtful rows
``look_answers.py``        what looks showed, for whom lists speak, lists that are not where they were, doubted looks
``freshness.py``            when the lists of each place were last read to their end; ``list_counts.py`` agencies
                           that each portal shows, beside how many are expected
``one_capture.py``         one capture with its record; the pages of a list as they stood in a look
``review.py``              what is doubtful, each with the ruling that would decide it (``review.toml``)

What may go out

``withholding.py``         which reports and documents rulings withhold; titles, addresses and persons in texts
``withheld_content.py``    what is not given out for that: captures, titles, pages that mention it
"""

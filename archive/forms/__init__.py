"""Forms: the national form of each period as data. Pure.

``2019.toml`` ``2021.toml``   rows, columns, labels and variants, units, sections, identities, links between years, what
                              running text counts, source
``pre2019.toml``              the free table of the reports before 2019: labels, units, headers, sums; ids of its own
``words.toml``                how labels are written otherwise: traditional characters, crumbs, quotes
``model``                     the frozen plan of a form: tables, rows, columns, places, identities
``loader``                    ``load_forms()``, ``form(name)``, ``old_form()``, ``all_forms()``: read once
``free``                      ``pre2019.toml`` → the free table, and its figures as a form of one table
``crosswalk``                 ``crosswalk.toml``: which indicators go on from one form to another, and how surely
``english``                   English names of what the forms print (``english.toml``)
``money``                     what units of money are worth, and how they are written
``columns``                   how exactly values of each indicator are kept
``spelling``                  a printed label → its key: blanks, punctuation, widths, numbering, explanations taken off
``printer``                   ``tables(form, cells)``: the printed grids, filled

A new form year is one more ``<year>.toml``, here or in a folder that ``NIANBAO_FORMS`` names, with the three tables
``proactive`` (blocks), ``applications`` (matrix) and ``remedies`` (strip) in whatever rows, columns and words it prints
them. ``tests/forms/made_up/2030.toml`` is one that never was, read back from every kind of document.
"""

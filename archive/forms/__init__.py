"""Forms: the national form of each period as data. Pure.

``2019.toml`` ``2021.toml``   places, labels and variants, sections, identities, bridges, source; a new form year is a
new file
``words.toml``                how labels are written otherwise: traditional characters, crumbs, quotes
``model``                     the frozen plan of a form: tables, rows, columns, places, identities
``loader``                    ``load_forms()``, ``form(name)``, ``all_indicator_ids()``: read once, validated
``spelling``                  a printed label → its key: blanks, punctuation, widths, numbering, explanations taken off
``printer``                   ``tables(form, cells)``: the printed grids, filled
"""

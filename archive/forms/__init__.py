"""The forms of the annual report, as data.

``2021.toml``, ``2019.toml``, ``pre2019.toml``: what each form prints, and which sums of its figures must be equal. A
form that ``extends`` another one gives only the differences. To add a form, add such a file. A *place* is a cell.

``model``      the parts of a form; ``loader`` reads and checks the files
``labels``     how texts and labels are compared
``printer``    prints a form and its cells as tables
``indicators`` over all forms: decimals of values, English names, equivalents in other forms
"""

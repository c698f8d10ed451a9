"""The forms of the annual report, as data.

``2021.toml``, ``2019.toml``, ``pre2019.toml``: what each form prints, and what its figures have to do with each other;
a form says only what it prints otherwise than the form that it ``extends``. A new form is one more such file.

``model``      what a form is; ``loader`` reads and validates the files
``labels``     how a text and a label are compared
``printer``    a form with its cells → the printed tables
``indicators`` over all forms: how exactly values are kept, English names, which indicators go on from form to form
"""

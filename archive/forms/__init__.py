"""The forms of the annual report, as data.

``2021.toml``, ``2019.toml``, ``pre2019.toml``: what each form prints, and what its figures have to do with each other;
a form says only what it prints otherwise than the form that it ``extends``. A new form is one more such file, here or
in a folder that ``NIANBAO_FORMS`` names.

``model``     what a form is; ``loader`` reads and validates the files; ``columns`` how exactly values are kept
``printer``   a form with its cells → the printed tables
``crosswalk`` which indicators go on from form to form; ``english`` their English names
``spelling``  a text as it is compared
"""

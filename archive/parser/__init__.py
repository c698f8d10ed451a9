"""The parser: Pages → Reading. Pure.

``reader``     the whole reader as one function; never raises; containers and pictures ·
               ``pipeline`` the list of its stages · ``reading`` the record that is kept
``blocks``     all blocks of a document → logical rows · ``rows`` those of a grid · ``line_rows`` those of loose lines ·
               ``alternating_lines`` labels and figures in lines by turns
``tables``     the rows of a document's tables, and which tables are the form's
``labels``     a printed label → the row, column or heading it names in any form
``values``     a printed cell → its value · ``text_classes`` all that one printed text can be, told at once
``ocr_correction``  what a recognised text most likely is: labels with a slip, letters for digits ·
               ``transposed_tables`` tables on their side
``unruled``  tables without rulings, told by the form's labels: words and figures by their places
``arranged``   tables side by side, cut between columns, with other years' columns → as the form prints them
``form_detection``  which form the tables follow · ``form_years`` which is meant for a year ·
               ``form_editions`` rows in the words of another edition
``cell_placement``  rows → cells of the form · ``row_repairs`` the list of repairs of rows before that ·
               ``subtotals`` sums of groups · ``walk`` where each row stands · ``shapes`` shifted rows ·
               ``unlabelled_rows`` rows without a label · ``row_order`` rows whose label says nothing ·
               ``merged_rows`` figures of several rows behind one label · ``rows_cut_by_pages`` rows cut by a page's
               end in HTML, Word and text ·
               ``blank_line_grids`` blank cells given as blank lines ·
               ``printed_order`` the order in which headings without a grid name their columns ·
               ``reordered_columns`` rows below such in another order, or with fewer ·
               ``unknown_headers`` columns whose headings are none of the form's ·
               ``headed_figures`` figures with the headings of their columns · ``worded_rows`` rows told in words ·
               ``remedies`` the table of 复议 and 诉讼 · ``extra_rows`` rows and columns that the form does not have ·
               ``cells`` one cell · ``column_assignment`` the values of one row → its columns ·
               ``shifted_figures`` rows whose figures were moved ·
               ``group_sums`` rows that are sums of a group · ``padded_rows`` fewer columns than the form's, padded ·
               ``split_digits`` digits parted by blanks ·
               ``truncated_rows`` the row in which a text breaks off · ``doubts`` what may be another row, or no minus
``sections``   the lines of the main text, and which are headings · ``outline`` the sections these begin ·
               ``dotted_headings`` those that a word processor numbered ·
               ``table_lines`` lines that are a table and no text
``evidence``   whose report and which year, as the document says it · ``linked_titles`` which titles are its own ·
               ``named_bodies`` ``mentioned_bodies`` ``opening_subject`` ``contact_lines`` bodies that sentences name ·
               ``signatures`` lines that date and sign it · ``quoted`` text as findings quote it ·
               ``opening_lines`` the report that its sentences say it is · ``stated_year`` the year of which they speak
``several_reports``  reports one after the other in one document ·
               ``other_years`` tables of another year beside this year's
``verdict``    whether it is a report · ``untitled_reports`` one without a title ·
               ``report_lookalikes`` what quotes or sends one
``contradictions``  what it says of itself that cannot be
``pre2019``    the free table of the reports before 2019 · ``statistics`` its certain figures
``checks``     勾稽关系, domain and units over the cells · ``arithmetic`` the identities laid out for quick sums ·
               ``rule_makers`` who cannot make 规章 · ``units`` printed outside of the columns' headers
``repair``     recognised figures held against the sums · ``sum_explanations`` which explanation is believed ·
               ``misread_digits`` how likely one figure is read for another ·
               ``text_witness`` figures that the text counts too
``narrative``  the text against the table, its wording in ``narrative.toml`` (``narrative_words``):
               ``narrative_figures`` figures of a sentence masked · ``narrative_sums`` totals against their parts ·
               ``narrative_bodies`` whose figures they are · ``narrative_years`` of which year ·
               ``narrative_headings`` what a sub-heading says they count · ``narrative_cells`` against which cell ·
               ``narrative_amounts`` fees · ``narrative_outcomes`` outcomes · ``narrative_context`` where a sentence is
``stated``     figures that only the text states
``glued``      figures that ran together, cut by the sums: ``glued_text`` finds the rows in running text,
               ``glued_cuts`` the ways to cut them, ``glued_rows`` those that the other rows leave
``combining``  a page and its attachments, or a container's files → one reading ·
               ``report_grouping`` which are one report · ``picture_pages`` pictures as pages of one document
``absent_tables``  tables that are not there · ``blank_forms``  a blank form on the page of a filled one
``content``    the digest of what the report says
``masking``    people's mobile numbers and applicants' names do not go out (words in ``masking.toml``)
``findings``   the findings that several modules of this room make
"""

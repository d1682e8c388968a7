"""What a chapter can ask for between three backticks.

These are its opening and its citation, questions and predictions, forecasts, searchable lists, and the data
dictionary.
"""

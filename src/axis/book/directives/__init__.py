"""What a chapter can ask for between three backticks: questions, forecasts, searchable lists, the data dictionary."""

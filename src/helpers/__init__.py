"""What two chapters or two exercises of the book share."""

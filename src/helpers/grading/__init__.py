"""What an instructor does with exercises."""

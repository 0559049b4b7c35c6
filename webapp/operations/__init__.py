"""What the person who runs a site does with it: back-ups, and putting one back."""
